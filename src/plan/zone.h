/*
 * zone.h - the zone data of the machine: the one thing beside the file itself
 * that the loader looks at.
 */
#ifndef ORCHESTRATE_PLAN_ZONE_H
#define ORCHESTRATE_PLAN_ZONE_H

#include "loading.h"

/*
 * Complains about a zone that this machine does not know.  A machine without
 * zone data knows none, and believes; `start` asks the server in any case.
 */
void check_zone(struct loading *l, const char *key, const char *zone, struct src_pos at);

#endif
