/*
 * new: writes a plan file.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "new_plan.h"
#include "orchestrate/base/text.h"
#include "target.h"

static const struct operation *find_operation(struct cli *cli, struct err *err)
{
    const struct operation *op = operation_find(cli->args[0]);
    const char **names = NULL, *near, *end = NULL;
    struct buf list = BUF_IN(cli->arena);
    size_t n = 0;

    if (op)
        return op;
    for (size_t i = 0; operations[i]; i++) {
        *ARENA_PUSH(cli->arena, names, n) = operations[i]->name;
        buf_addf(&list, "%s%s", i ? ", " : "", operations[i]->name);
    }
    *ARENA_PUSH(cli->arena, names, n) = end;
    near = text_nearest(cli->args[0], names);
    err_set(err, ERR_USAGE, "there is no operation %s", cli->args[0]);
    if (near)
        err_hint(err, "Did you mean %s?", near);
    else
        err_hint(err, "There are: %s.", buf_text(&list));
    return NULL;
}

/* --- the fields -------------------------------------------------------------- */

/* What is wrong with them: all of it is said at once. */
struct wrong {
    struct cli *cli;
    struct err *err; /* the first */
    size_t n;
    bool meant[OP_MAX_FIELDS]; /* by a word that is like it: not missed as well */
};

static void note(struct wrong *wrong, const char *text, const char *hint)
{
    struct cli *cli = wrong->cli;

    cli_diagnose(
        cli, &cli->answer,
        (struct diagnostic){
            .severity = "error", .code = err_name(ERR_USAGE), .message = text, .hint = hint });
    if (wrong->n++)
        return;
    err_set(wrong->err, ERR_USAGE, "%s", text);
    if (hint)
        err_hint(wrong->err, "%s", hint);
}

/* "table=... from=... to=..." */
static const char *usage(struct arena *arena, const struct operation *op)
{
    struct buf out = BUF_IN(arena);

    for (const struct field *f = op->fields; f->key; f++)
        buf_addf(&out, "%s%s%s=...%s", f == op->fields ? "" : " ", f->required ? "" : "[", f->key,
                 f->required ? "" : "]");
    return buf_text(&out);
}

static int find_field(const struct operation *op, const char *key, size_t len)
{
    for (int i = 0; op->fields[i].key; i++)
        if (strlen(op->fields[i].key) == len && strncmp(op->fields[i].key, key, len) == 0)
            return i;
    return -1;
}

static void unknown_field(struct wrong *wrong, const struct operation *op, const char *key)
{
    struct arena *arena = wrong->cli->arena;
    const char *names[OP_MAX_FIELDS + 1] = { 0 }, *near;

    for (size_t i = 0; op->fields[i].key; i++)
        names[i] = op->fields[i].key;
    near = text_nearest(key, names);
    if (near)
        wrong->meant[find_field(op, near, strlen(near))] = true;
    note(wrong, arena_printf(arena, "%s has no field %s", op->name, key),
         near ? arena_printf(arena, "Did you mean %s?", near)
              : arena_printf(arena, "It takes: %s", usage(arena, op)));
}

static void read_pair(struct wrong *wrong, const struct operation *op, const char *pair,
                      const char **values)
{
    struct arena *arena = wrong->cli->arena;
    size_t len = strcspn(pair, "=");
    int i = find_field(op, pair, len);
    size_t bad;

    if (i >= 0 && !text_utf8(pair, strlen(pair), &bad)) {
        wrong->meant[i] = true;
        note(wrong, arena_printf(arena, "%s= is not valid UTF-8", op->fields[i].key), NULL);
        return;
    }
    if (!pair[len])
        note(wrong, arena_printf(arena, "%s is no key=value", pair),
             arena_printf(arena, "%s takes: %s", op->name, usage(arena, op)));
    else if (i < 0)
        unknown_field(wrong, op, arena_strndup(arena, pair, len));
    else if (values[i])
        note(wrong, arena_printf(arena, "%s= is given twice", op->fields[i].key), NULL);
    else if (!*(values[i] = pair + len + 1))
        note(wrong, arena_printf(arena, "%s= is empty", op->fields[i].key),
             arena_printf(arena, "It wants: %s.", op->fields[i].doc));
}

static bool count_wrong(struct wrong *wrong, const struct operation *op)
{
    if (wrong->n > 1)
        return err_set(wrong->err, ERR_USAGE, "%zu things are wrong with this %s", wrong->n,
                       op->name);
    return wrong->n == 0;
}

/* Reads the arguments, and what the loader says to them as a plan. */
static bool read_fields(struct cli *cli, const struct operation *op, struct plan *plan,
                        struct err *err)
{
    struct wrong wrong = { .cli = cli, .err = err };
    const char *values[OP_MAX_FIELDS] = { 0 }, *text;
    struct plan_errors *errors = arena_alloc(cli->arena, sizeof *errors);

    for (size_t i = 1; i < cli->n_args; i++)
        read_pair(&wrong, op, cli->args[i], values);
    for (size_t i = 0; op->fields[i].key; i++)
        if (op->fields[i].required && !values[i] && !wrong.meant[i])
            note(&wrong, arena_printf(cli->arena, "%s wants %s=...", op->name, op->fields[i].key),
                 arena_printf(cli->arena, "It is: %s.", op->fields[i].doc));
    if (wrong.n)
        return count_wrong(&wrong, op);
    text = new_plan_least(cli->arena, op, values);
    if (plan_parse(cli->arena, "new", text, strlen(text), plan, errors))
        return true;
    for (size_t i = 0; i < errors->n; i++)
        note(&wrong, errors->errs[i].text, *errors->errs[i].hint ? errors->errs[i].hint : NULL);
    return count_wrong(&wrong, op);
}

/* --- the file ---------------------------------------------------------------- */

static bool cannot_write(const char *file, struct err *err)
{
    return err_set(err, ERR_CONFIG, "cannot write %s: %s", file, strerror(errno));
}

static bool open_new(const struct cli *cli, const char *file, FILE **out, struct err *err)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (cli->options.force ? O_TRUNC : O_EXCL), fd;
    struct stat st;

    if (stat(file, &st) == 0 && S_ISDIR(st.st_mode)) {
        err_set(err, ERR_USAGE, "%s is a folder", file);
        return err_hint(err, "--output names the file itself.");
    }
    fd = open(file, flags, 0666);
    if (fd < 0 && errno == EEXIST) {
        err_set(err, ERR_CHECK, "%s exists already", file);
        return err_hint(err,
                        "--force overwrites it; --output FILE, or --name NAME, writes another.");
    }
    *out = fd < 0 ? NULL : fdopen(fd, "w");
    return *out || cannot_write(file, err);
}

static bool write_file(const struct cli *cli, const char *file, const char *text, struct err *err)
{
    FILE *out = NULL;
    bool ok;

    if (!open_new(cli, file, &out, err))
        return false;
    ok = fputs(text, out) >= 0;
    return (fclose(out) == 0 && ok) || cannot_write(file, err);
}

/* A file without an ending would be taken for the name of a run. */
static const char *as_argument(struct arena *arena, const char *file)
{
    return target_is_file(file) ? file : arena_printf(arena, "./%s", file);
}

static bool deliver(struct cli *cli, const char *name, const char *text, struct err *err)
{
    const char *file = cli->options.output;
    struct buf more = BUF_IN(cli->arena);
    struct json j = { .out = &more };
    bool to_stdout = file && strcmp(file, "-") == 0;

    if (!file)
        file = arena_printf(cli->arena, "%s.yaml", name);
    if (!to_stdout && !write_file(cli, file, text, err))
        return false;
    if (to_stdout)
        buf_add(&cli->text, text);
    else
        buf_addf(&cli->text, "wrote %s\nnext: orchestrate plan %s   (what it will do)\n", file,
                 as_argument(cli->arena, file));
    json_text(&j, "file", to_stdout ? NULL : file);
    json_text(&j, "text", text);
    cli->answer.plan = name;
    cli->answer.more = buf_text(&more);
    return true;
}

bool cmd_new(struct cli *cli, struct err *err)
{
    const struct options *o = &cli->options;
    struct new_plan given = { o->name, o->app, o->owner, o->ticket, o->description };
    const struct operation *op = find_operation(cli, err);
    struct plan_errors *errors = arena_alloc(cli->arena, sizeof *errors);
    struct plan least, plan;
    const char *text;

    if (!op || !read_fields(cli, op, &least, err) ||
        (!given.name && !new_plan_name(cli->arena, &least.changes[0], &given.name, err)) ||
        !new_plan_text(cli->arena, &least.changes[0], &given, &text, err))
        return false;
    /* What is wrong now came in by an option. */
    if (!plan_parse(cli->arena, "new", text, strlen(text), &plan, errors)) {
        err_set(err, ERR_USAGE, "%s", errors->errs[0].text);
        if (o->name && text_starts(err->text, "`plan`"))
            err_wrap(err, "--name");
        return err_hint(err, "%s", errors->errs[0].hint);
    }
    return deliver(cli, given.name, text, err);
}
