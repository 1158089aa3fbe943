/*
 * place.h - from a place in the text of a value back to the place in the file.
 */
#ifndef ORCHESTRATE_PLAN_PLACE_H
#define ORCHESTRATE_PLAN_PLACE_H

#include "bind.h"

/*
 * Where byte `offset` of the node's text stands in the file.  Exact for plain and
 * quoted text and for blocks; where escapes make it uncertain, the beginning of the
 * value.
 */
struct src_pos text_place(const struct loading *l, const struct node *node, size_t offset);

#endif
