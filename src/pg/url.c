/*
 * Connection URLs as people have them, made into ones that libpq takes.
 *
 * Prisma, node-postgres, SQLAlchemy, JDBC and Go drivers put parameters of
 * their own into the URL; libpq refuses the whole of it for one of them.  Here
 * they are translated where they mean something to us and dropped where they do
 * not.  What is left over is an error, since a parameter that was misspelt may
 * have been the one that mattered.
 *
 * No message from here quotes what may be a piece of a password: a password
 * with an unescaped @ or / makes every part of a URL suspect.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/log.h"
#include "orchestrate/base/text.h"
#include "orchestrate/pg/pg.h"

enum param_kind {
    PARAM_DROP,        /* concerns the driver only */
    PARAM_SCHEMA,      /* one schema's name */
    PARAM_SEARCH_PATH, /* a list */
    PARAM_OPTIONS,
    PARAM_SSLMODE, /* libpq's own words, and those of others */
    PARAM_POOLER,
    PARAM_RENAME,
    PARAM_NEWER, /* libpq's own, but not in every version */
};

/* clang-format off */
static const struct param {
    const char *name;
    enum param_kind kind;
    const char *as; /* the name in libpq */
} params[] = {
    { "schema",                   PARAM_SCHEMA,      NULL },              /* Prisma */
    { "currentSchema",            PARAM_SEARCH_PATH, NULL },              /* JDBC */
    { "search_path",              PARAM_SEARCH_PATH, NULL },              /* dbmate, lib/pq */
    { "options",                  PARAM_OPTIONS,     NULL },
    { "ssl",                      PARAM_SSLMODE,     NULL },              /* JDBC, node-postgres, asyncpg */
    { "sslmode",                  PARAM_SSLMODE,     NULL },
    { "pgbouncer",                PARAM_POOLER,      NULL },              /* Prisma */
    { "connectTimeout",           PARAM_RENAME,      "connect_timeout" },
    { "ApplicationName",          PARAM_DROP,        NULL },
    { "binary_parameters",        PARAM_DROP,        NULL },              /* lib/pq */
    { "connection_limit",         PARAM_DROP,        NULL },              /* Prisma */
    { "default_query_exec_mode",  PARAM_DROP,        NULL },              /* pgx */
    { "description_cache_capacity", PARAM_DROP,      NULL },
    { "max_idle_connection_lifetime", PARAM_DROP,    NULL },
    { "pool_max_conn_idle_time",  PARAM_DROP,        NULL },
    { "pool_max_conn_lifetime",   PARAM_DROP,        NULL },
    { "pool_max_conns",           PARAM_DROP,        NULL },
    { "pool_min_conns",           PARAM_DROP,        NULL },
    { "pool_timeout",             PARAM_DROP,        NULL },
    { "prepareThreshold",         PARAM_DROP,        NULL },              /* JDBC */
    { "prepared_statement_cache_size", PARAM_DROP,   NULL },              /* SQLAlchemy asyncpg */
    { "single_use_connections",   PARAM_DROP,        NULL },
    { "socket_timeout",           PARAM_DROP,        NULL },
    { "sslaccept",                PARAM_DROP,        NULL },              /* Prisma */
    { "statement_cache_capacity", PARAM_DROP,        NULL },
    { "statement_cache_mode",     PARAM_DROP,        NULL },
    { "statement_cache_size",     PARAM_DROP,        NULL },
    { "supa",                     PARAM_DROP,        NULL },              /* Supabase's dashboard */
    { "uselibpqcompat",           PARAM_DROP,        NULL },              /* node-postgres */
    { "workaround",               PARAM_DROP,        NULL },              /* Supabase with Prisma */
    { "load_balance_hosts",       PARAM_NEWER,       NULL },              /* 16 */
    { "require_auth",             PARAM_NEWER,       NULL },              /* 16 */
    { "sslcertmode",              PARAM_NEWER,       NULL },              /* 16 */
    { "sslnegotiation",           PARAM_NEWER,       NULL },              /* 17 */
};
/* clang-format on */

/* What libpq does not know for `sslmode`, and what comes nearest. */
static const struct {
    const char *word, *mode;
} ssl_words[] = {
    { "no-verify", "require" }, /* node-postgres: encrypt, do not look at the certificate */
    { "true", "require" },       { "1", "require" },     { "on", "require" },
    { "yes", "require" },        { "false", "disable" }, { "0", "disable" },
    { "off", "disable" },        { "no", "disable" },    { "accept", "require" },
    { "strict", "verify-full" },
};

struct work {
    struct arena *arena;
    struct buf query; /* of the URL that libpq gets */
    struct buf options;
    bool pooler;
    struct err *err;
};

static bool refuse(struct work *w, const char *what, const char *hint)
{
    err_set(w->err, ERR_USAGE, "the connection URL is malformed: %s", what);
    return err_hint(w->err, "%s", hint);
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *at;

    at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* NULL when a % is not followed by two digits, or means NUL. */
static const char *decode(struct arena *arena, const char *text, size_t len)
{
    char *out = arena_alloc(arena, len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] != '%') {
            out[n++] = text[i];
            continue;
        }
        if (i + 2 >= len || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
            return NULL;
        out[n] = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
        if (!out[n++])
            return NULL;
        i += 2;
    }
    return out;
}

static void encode(struct buf *out, const char *text)
{
    for (; *text; text++)
        if (isalnum((unsigned char)*text) || strchr("-._~/,", *text))
            buf_addn(out, text, 1);
        else
            buf_addf(out, "%%%02X", (unsigned char)*text);
}

static void add_param(struct work *w, const char *name, const char *value)
{
    buf_add(&w->query, w->query.len ? "&" : "?");
    encode(&w->query, name);
    buf_add(&w->query, "=");
    encode(&w->query, value);
}

/* In `options`, a space or backslash of a value is escaped by a backslash. */
static void add_option(struct work *w, const char *name, const char *value)
{
    buf_addf(&w->options, "%s-c%s=", w->options.len ? " " : "", name);
    for (; *value; value++) {
        if (*value == ' ' || *value == '\\')
            buf_add(&w->options, "\\");
        buf_addn(&w->options, value, 1);
    }
}

/* Prisma means the very name, case and all. */
static const char *quoted_schema(struct arena *arena, const char *name)
{
    struct buf out = BUF_IN(arena);

    buf_add(&out, "\"");
    for (; *name; name++)
        buf_addf(&out, *name == '"' ? "\"%c" : "%c", *name);
    buf_add(&out, "\"");
    return buf_text(&out);
}

static void add_sslmode(struct work *w, const char *value)
{
    for (size_t i = 0; i < ARRAY_LEN(ssl_words); i++)
        if (strcasecmp(value, ssl_words[i].word) == 0) {
            log_verbose("connection URL: %s taken as sslmode=%s", ssl_words[i].word,
                        ssl_words[i].mode);
            value = ssl_words[i].mode;
            break;
        }
    add_param(w, "sslmode", value);
}

/* The names that this libpq knows, ending with NULL. */
static const char *const *libpq_names(struct arena *arena)
{
    PQconninfoOption *options = PQconninfoParse("dbname=x", NULL);
    const char **names = NULL;
    size_t n = 0;

    for (PQconninfoOption *o = options; o && o->keyword; o++)
        *ARENA_PUSH(arena, names, n) = arena_strdup(arena, o->keyword);
    PQconninfoFree(options);
    *ARENA_PUSH(arena, names, n) = NULL;
    return names;
}

static bool is_libpq(struct work *w, const char *name)
{
    for (const char *const *n = libpq_names(w->arena); *n; n++)
        if (strcmp(*n, name) == 0)
            return true;
    return false;
}

static bool unknown(struct work *w, const char *name)
{
    const char *near = text_nearest(name, libpq_names(w->arena));

    /* A piece of a password with an unescaped ? in it is no word. */
    for (const char *c = name; *c; c++)
        if (!isalpha((unsigned char)*c) && *c != '_')
            return refuse(w, "it has a parameter that nobody knows",
                          "A ? & # @ / in a password has to be percent-encoded: "
                          "? is %3F, & is %26.");
    err_set(w->err, ERR_USAGE, "the connection URL has a parameter that libpq does not know: %s",
            name);
    if (near)
        return err_hint(w->err, "Did you mean %s?", near);
    return err_hint(w->err, "Leave it out; parameters of common ORMs are translated or dropped.");
}

static bool newer(struct work *w, const char *name, const char *value)
{
    int version = PQlibVersion();

    if (is_libpq(w, name))
        return add_param(w, name, value), true;
    err_set(w->err, ERR_USAGE, "the connection URL has %s, which libpq %d.%d does not know yet",
            name, version / 10000, version % 10000);
    return err_hint(w->err, "Leave it out, or use a newer libpq.");
}

static bool known(struct work *w, const struct param *p, const char *value)
{
    switch (p->kind) {
    case PARAM_DROP:
        log_verbose("connection URL: %s has no meaning here and is left out", p->name);
        return true;
    case PARAM_SCHEMA:
        log_verbose("connection URL: schema=%s becomes the search_path", value);
        return add_option(w, "search_path", quoted_schema(w->arena, value)), true;
    case PARAM_SEARCH_PATH:
        return add_option(w, "search_path", value), true;
    case PARAM_OPTIONS:
        return buf_addf(&w->options, "%s%s", w->options.len ? " " : "", value), true;
    case PARAM_SSLMODE:
        return add_sslmode(w, value), true;
    case PARAM_POOLER:
        w->pooler = strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
        return true;
    case PARAM_RENAME:
        return add_param(w, p->as, value), true;
    case PARAM_NEWER:
        return newer(w, p->name, value);
    }
    return true;
}

static bool one_param(struct work *w, const char *text, size_t len)
{
    const char *equals = memchr(text, '=', len);
    const char *name, *value;

    if (!len)
        return true;
    if (!equals)
        return refuse(w, "a parameter after the ? has no value",
                      "Write parameters as name=value, with & between them.");
    name = decode(w->arena, text, (size_t)(equals - text));
    value = decode(w->arena, equals + 1, len - (size_t)(equals + 1 - text));
    if (!name || !value)
        return refuse(w, "a % is not followed by two hexadecimal digits",
                      "Write a % that is meant as such as %25.");
    for (size_t i = 0; i < ARRAY_LEN(params); i++)
        if (strcmp(name, params[i].name) == 0)
            return known(w, &params[i], value);
    if (!is_libpq(w, name))
        return unknown(w, name);
    add_param(w, name, value);
    return true;
}

static bool all_params(struct work *w, const char *query)
{
    while (*query) {
        size_t len = strcspn(query, "&");

        if (!one_param(w, query, len))
            return false;
        query += len + (query[len] == '&');
    }
    if (w->options.len)
        add_param(w, "options", buf_text(&w->options));
    return true;
}

/* host:port,host:port with [::1] for IPv6; only what could give a password away is looked at. */
static bool check_hosts(struct work *w, const char *text, size_t len)
{
    const char *colon = NULL;
    bool bracket = false;

    for (size_t i = 0; i <= len; i++) {
        char c = i < len ? text[i] : ',';

        if (c == '[' || c == ']')
            bracket = c == '[';
        else if (c == ':' && !bracket && !colon)
            colon = text + i;
        else if (c == ',')
            colon = NULL;
        else if (colon && !isdigit((unsigned char)c))
            return refuse(w, "the port is not a number",
                          "A / ? # @ in a password has to be percent-encoded: / is %2F, "
                          "? is %3F, # is %23, @ is %40.");
    }
    return !bracket || refuse(w, "a [ is not closed", "Write IPv6 addresses as [::1].");
}

static bool check_authority(struct work *w, const char *text)
{
    size_t len = strcspn(text, "/?#");
    const char *at = memchr(text, '@', len);
    const char *hosts = at ? at + 1 : text;
    size_t rest = len - (size_t)(hosts - text);

    if (at && memchr(hosts, '@', rest))
        return refuse(w, "there is more than one @ before the host",
                      "Write an @ in a user name or password as %40.");
    if (text[len] == '#')
        return refuse(w, "there is a # in it", "Write a # in a password as %23.");
    if (!at && strchr(text + len, '@') && strcspn(text, ":") < len && text[len] != '?')
        return refuse(w, "there is an @ behind the host",
                      "A / in a password has to be written as %2F, an @ as %40.");
    if (!decode(w->arena, text, strcspn(text, "?")))
        return refuse(w, "a % is not followed by two hexadecimal digits",
                      "Write a % that is meant as such as %25.");
    return check_hosts(w, hosts, rest);
}

/* Behind the scheme of a Postgres URL, or NULL. */
static const char *after_scheme(const char *url)
{
    static const char *const schemes[] = { "postgresql", "postgres" };

    if (strncasecmp(url, "jdbc:", 5) == 0)
        url += 5;
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        size_t n = strlen(schemes[i]);

        if (strncasecmp(url, schemes[i], n) != 0)
            continue;
        /* SQLAlchemy names its driver: postgresql+psycopg2:// */
        if (url[n] == '+')
            n += 1 + strspn(url + n + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (strncmp(url + n, "://", 3) == 0)
            return url + n + 3;
    }
    return NULL;
}

/* libpq has the last word. */
static bool check_libpq(struct work *w, const char *conninfo, const char *url)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &message);

    if (options) {
        PQconninfoFree(options);
        return true;
    }
    if (message && message[strlen(message) - 1] == '\n')
        message[strlen(message) - 1] = '\0';
    err_set(w->err, ERR_USAGE, "libpq does not take the connection settings: %s",
            message ? pg_redact(w->arena, message, url) : "out of memory");
    if (message)
        PQfreemem(message);
    return err_hint(w->err, "Write postgresql://user@host:5432/database, or "
                            "\"host=... dbname=... user=...\".");
}

static bool foreign(struct work *w, const char *url)
{
    const char *scheme_end = strstr(url, "://");

    if (text_starts(url, "prisma+postgres://") || text_starts(url, "prisma://")) {
        err_set(w->err, ERR_USAGE, "this is an URL of Prisma Accelerate, not of a Postgres server");
        return err_hint(w->err,
                        "Give the direct URL; Prisma projects often have it in DIRECT_URL.");
    }
    if (*url == '"' || *url == '\'')
        return refuse(w, "it begins with a quote", "Leave out the quotes around it.");
    if (scheme_end && strcspn(url, "=") > (size_t)(scheme_end - url))
        return refuse(w, "its scheme is not that of Postgres",
                      "It has to begin with postgresql:// or postgres://.");
    if (!strchr(url, '='))
        return refuse(w, "it is neither an URL nor a list of settings",
                      "Write postgresql://user@host:5432/database, or "
                      "\"host=... dbname=... user=...\".");
    return true;
}

static const char *trimmed(struct arena *arena, const char *text)
{
    size_t len;

    text += strspn(text, " \t\r\n");
    len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    return arena_strndup(arena, text, len);
}

bool pg_url_translate(struct arena *arena, const char *url, const char **conninfo, bool *pooler,
                      struct err *err)
{
    struct work w = {
        .arena = arena, .query = BUF_IN(arena), .options = BUF_IN(arena), .err = err
    };
    const char *text = trimmed(arena, url); /* secrets often end with a newline */
    const char *rest = after_scheme(text);
    size_t path;

    *pooler = false;
    *conninfo = text;
    if (!rest)
        return foreign(&w, text) && check_libpq(&w, text, text);
    path = strcspn(rest, "?");
    if (!check_authority(&w, rest) || !all_params(&w, rest[path] ? rest + path + 1 : ""))
        return false;
    *pooler = w.pooler;
    *conninfo = arena_printf(arena, "postgresql://%.*s%s", (int)path, rest, buf_text(&w.query));
    return check_libpq(&w, *conninfo, text);
}
