#include "pace.h"

static int64_t at_least_one(double n)
{
    return n < 1 ? 1 : (int64_t)n;
}

void pace_start(struct pace *pace, const struct settings *settings, double rows_per_page)
{
    pace->most = at_least_one((double)settings->batch_rows_max / rows_per_page);
    pace->pages = at_least_one((double)settings->batch_rows_start / rows_per_page);
    if (pace->pages > pace->most)
        pace->pages = pace->most;
}

void pace_adapt(struct pace *pace, const struct settings *settings, double ms)
{
    double ratio = ms > 0 ? (double)settings->batch_target / ms : 2;

    /* Never more than double or half at once: one slow batch says little. */
    ratio = ratio > 2 ? 2 : ratio < 0.5 ? 0.5 : ratio;
    pace->pages = at_least_one((double)pace->pages * ratio + 0.5);
    if (pace->pages > pace->most)
        pace->pages = pace->most;
}

int64_t pace_rest(const struct settings *settings, double ms)
{
    return (int64_t)(ms * (double)(100 - settings->duty) / (double)settings->duty);
}
