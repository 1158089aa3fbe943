#include "transcript.h"

#include <string.h>
#include <unistd.h>

#include "orchestrate/base/text.h"
#include "support.h"
#include "unit.h"

struct transcript transcript_begin(void)
{
    const char *path = test_write("transcript", ""), *slash = strrchr(path, '/');
    struct transcript t = { .text = BUF_IN(test_arena()) };

    t.folder = arena_strndup(test_arena(), path, (size_t)(slash - path));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(chdir(t.folder), 0);
    return t;
}

/* What differs from one run to the next is the folder only. */
static void add(struct transcript *t, const char *text)
{
    size_t len = strlen(t->folder);
    const char *hit;

    while ((hit = strstr(text, t->folder))) {
        buf_addn(&t->text, text, (size_t)(hit - text));
        buf_add(&t->text, "FOLDER");
        text = hit + len;
    }
    buf_add(&t->text, text);
}

/* As one would type it. */
static void add_word(struct transcript *t, const char *word)
{
    const char *quote = strpbrk(word, " {}'*\n") || !*word ? "\"" : "";

    add(t, quote);
    while (*word) {
        size_t good = strlen(word);

        text_utf8(word, good, &good);
        add(t, arena_strndup(test_arena(), word, good));
        word += good;
        if (*word)
            buf_addf(&t->text, "\\x%02x", (unsigned)(unsigned char)*word++);
    }
    add(t, quote);
}

void transcript_run(struct transcript *t, const char *what, const char *const *args,
                    const char *const *variables)
{
    struct ran ran = test_spawn(NULL, args, variables);

    test_finish(&ran, 60);
    buf_addf(&t->text, "%s# %s\n$ ", t->text.len ? "\n" : "", what);
    for (; variables && *variables; variables++) {
        add_word(t, *variables);
        buf_add(&t->text, " ");
    }
    buf_add(&t->text, "orchestrate");
    for (; *args; args++) {
        buf_add(&t->text, " ");
        add_word(t, *args);
    }
    buf_add(&t->text, "\n");
    add(t, ran.out);
    add(t, ran.err);
    buf_addf(&t->text, "exit %d\n", ran.status);
}

void transcript_compare(struct transcript *t, const char *golden)
{
    unit_bless(test_path(golden), buf_text(&t->text));
    test_same_text(golden, buf_text(&t->text), test_file(golden));
}
