/*
 * fault.h - places where a test can make the process die.
 *
 * ORCHESTRATE_FAULT="name:n" kills the process with SIGKILL the n-th time that
 * fault_point(name) is reached ("*" is any name).  Built in only with
 * -DORCHESTRATE_FAULTS=ON; otherwise the calls compile to nothing.
 */
#ifndef ORCHESTRATE_BASE_FAULT_H
#define ORCHESTRATE_BASE_FAULT_H

#ifdef ORCHESTRATE_FAULTS
void fault_point(const char *name);
#else
#define fault_point(name) ((void)0)
#endif

#endif
