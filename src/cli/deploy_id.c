/*
 * Which deploy this process belongs to.
 */
#include <stdlib.h>

#include "command.h"

/*
 * Variables that name one run of a pipeline: the same when a job of it is tried
 * again (GITHUB_RUN_ATTEMPT counts those, so it is no part of the name), another
 * one for the next rollout, even of the same commit.  A system that only tells
 * the commit (Render, Cloudflare Pages) has none: there --deploy-id is needed.
 * `with`: a variable that must be set, too, where the name alone is anybody's.
 */
static const struct {
    const char *name, *with;
} variables[] = {
    { "GITHUB_RUN_ID", NULL },           /* GitHub Actions, Gitea, Forgejo */
    { "CI_PIPELINE_ID", NULL },          /* GitLab */
    { "RAILWAY_DEPLOYMENT_ID", NULL },   /* Railway */
    { "BUILDKITE_BUILD_ID", NULL },      /* Buildkite */
    { "CIRCLE_WORKFLOW_ID", NULL },      /* CircleCI */
    { "BUILD_BUILDID", NULL },           /* Azure Pipelines */
    { "BITBUCKET_PIPELINE_UUID", NULL }, /* Bitbucket */
    { "BUILD_TAG", "JENKINS_URL" },      /* Jenkins */
    { "BUILD_NUMBER", "TEAMCITY_VERSION" },
    { "CODEBUILD_BUILD_ID", NULL },     /* AWS CodeBuild */
    { "DRONE_BUILD_NUMBER", NULL },     /* Drone */
    { "SEMAPHORE_WORKFLOW_ID", NULL },  /* Semaphore */
    { "TRAVIS_BUILD_ID", NULL },        /* Travis CI */
    { "APPVEYOR_BUILD_ID", NULL },      /* AppVeyor */
    { "HEROKU_RELEASE_VERSION", NULL }, /* Heroku */
    { "FLY_IMAGE_REF", NULL },          /* Fly.io */
    { "VERCEL_DEPLOYMENT_ID", NULL },   /* Vercel */
    { "DEPLOY_ID", "NETLIFY" },         /* Netlify */
};

static const char *value_of(const char *name)
{
    const char *value = name ? getenv(name) : NULL;

    return value && *value ? value : NULL;
}

const char *cli_deploy_id(const struct cli *cli)
{
    const char *given = cli->options.deploy_id;

    if (given)
        return strcmp(given, "none") == 0 ? NULL : given;
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        const char *value = value_of(variables[i].name);

        if (value && (!variables[i].with || value_of(variables[i].with)))
            return value;
    }
    return NULL;
}
