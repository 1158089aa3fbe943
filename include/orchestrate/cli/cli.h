/*
 * cli.h - the command line: one table of commands, one of options.
 */
#ifndef ORCHESTRATE_CLI_CLI_H
#define ORCHESTRATE_CLI_CLI_H

/* Runs one command; returns its exit status. */
int cli_main(int argc, char **argv);

#endif
