#include "orchestrate/base/fault.h"

#ifdef ORCHESTRATE_FAULTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void fault_point(const char *name)
{
    static long hits;
    const char *spec = getenv("ORCHESTRATE_FAULT"), *colon = spec ? strrchr(spec, ':') : NULL;
    size_t n;

    if (!colon)
        return;
    n = (size_t)(colon - spec);
    if (strncmp(spec, "*", n) != 0 && (strlen(name) != n || strncmp(spec, name, n) != 0))
        return;
    if (++hits == atol(colon + 1))
        raise(SIGKILL);
}
#else
typedef int fault_no_empty_file;
#endif
