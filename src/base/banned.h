/*
 * banned.h - forced into every file by the build: these have safer twins here.
 */
#ifndef ORCHESTRATE_BANNED_H
#define ORCHESTRATE_BANNED_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf
#undef strtok
#undef gets
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets
#endif
