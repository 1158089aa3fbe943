/*
 * Which deploy this process belongs to.
 */
#include <stdlib.h>

#include "command.h"

/*
 * Variables that name one run of a pipeline: the same when a job is tried
 * again, another one for the next rollout, even of the same commit.
 */
static const char *const variables[] = {
    "GITHUB_RUN_ID",         /* GitHub Actions, Gitea, Forgejo */
    "CI_PIPELINE_ID",        /* GitLab */
    "RAILWAY_DEPLOYMENT_ID", /* Railway */
    "BUILDKITE_BUILD_ID",    /* Buildkite */
    "CIRCLE_WORKFLOW_ID",    /* CircleCI */
    "BUILD_BUILDID",         /* Azure Pipelines */
    "BITBUCKET_PIPELINE_UUID", "HEROKU_RELEASE_VERSION", "VERCEL_DEPLOYMENT_ID",
};

const char *cli_deploy_id(const struct cli *cli)
{
    const char *given = cli->options.deploy_id;

    if (given)
        return strcmp(given, "none") == 0 ? NULL : given;
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        const char *value = getenv(variables[i]);

        if (value && *value)
            return value;
    }
    return NULL;
}
