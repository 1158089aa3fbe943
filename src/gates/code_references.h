/*
 * code_references.h - is a name still written in the code?
 */
#ifndef ORCHESTRATE_GATES_CODE_REFERENCES_H
#define ORCHESTRATE_GATES_CODE_REFERENCES_H

#include "orchestrate/gates/gate.h"

/*
 * value: {"name": ..., "paths": [...], "allow": [...]}.  Files are looked at in
 * the order of their names.  Not looked at: what version control and package
 * managers keep (.git, .hg, .svn, node_modules), links inside the paths, files
 * that hold NUL bytes.  What cannot be read closes the gate.
 */
void code_references(struct arena *arena, const char *value, struct gate_answer *answer);

#endif
