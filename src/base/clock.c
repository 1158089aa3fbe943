#include "orchestrate/base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t first, count;
static int self_pipe[2] = { -1, -1 };

double clock_ms_exact(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000.0 + (double)t.tv_nsec / 1e6;
}

int64_t clock_ms(void)
{
    return (int64_t)clock_ms_exact();
}

static void on_signal(int sig)
{
    char byte = 0;

    if (!first)
        first = sig;
    count++;
    /* A full pipe is as readable as one more byte. */
    if (write(self_pipe[1], &byte, 1) < 0)
        return;
}

void clock_signals_catch(void)
{
    struct sigaction act = { .sa_handler = on_signal };

    if (self_pipe[0] >= 0 || pipe2(self_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return;
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int clock_signal(void)
{
    return first;
}

int clock_signal_count(void)
{
    return count;
}

int clock_signal_fd(void)
{
    return self_pipe[0];
}

bool clock_sleep(int64_t ms)
{
    struct pollfd p = { .fd = self_pipe[0], .events = POLLIN };
    int64_t end = clock_ms() + ms;

    while (!first) {
        int64_t left = end - clock_ms();

        if (left <= 0)
            return true;
        poll(&p, self_pipe[0] >= 0 ? 1 : 0, (int)(left > 60000 ? 60000 : left));
    }
    return false;
}
