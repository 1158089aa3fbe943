/*
 * support_private.h - what the files of tests/support know of each other.
 */
#ifndef ORCHESTRATE_TESTS_SUPPORT_PRIVATE_H
#define ORCHESTRATE_TESTS_SUPPORT_PRIVATE_H

#include "orchestrate/cluster/cluster.h"
#include "support.h"

const struct cluster *support_cluster(void);

#endif
