/* One job at a time, whoever comes first: its tasks are handed out one by one under a lock, which costs nothing beside them. Each
   thread has a stretch of neighbours, which share pages of memory, and then takes what others have left of theirs. A helper
   without work watches for the next job for a while before it sleeps, since to wake a thread takes long
   (docs/speed.md): calls often come one after the other. The locks are Python's own, for they are portable. */

#include "pool.h"

#include <Python.h>
#include <pythread.h>
#include <stdlib.h>

#if defined(__GNUC__) && defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#elif defined(__GNUC__) && defined(__aarch64__)
#define PAUSE() __asm__ volatile("yield")
#else
#define PAUSE() ((void)0)
#endif

enum {
    WATCH = 1 << 14, /* pauses, of some 10 to 40 ns */
    STRETCHES = 64,  /* more threads than that share them */
};

struct stretch {
    ptrdiff_t next, end;
};

struct helper {
    PyThread_type_lock wake; /* held by the helper; released to wake it */
    int asleep;
    struct helper *next;
};

static struct pool {
    PyThread_type_lock busy;     /* held by the caller whose job it is */
    PyThread_type_lock guard;    /* of all that follows */
    PyThread_type_lock finished; /* held; released for a caller that sleeps until the last helper has left */
    struct helper *helpers;
    int count;
    ptrdiff_t helped;
    /* the volatile ones are watched from outside, too, only to see when to enter */
    volatile unsigned long jobs; /* how many there have been */
    /* the job */
    pool_task task;
    void *context;
    struct stretch stretches[STRETCHES];
    int shares;          /* how many of these there are */
    int begun;           /* how many have a thread */
    int wanted;          /* helpers that may still join */
    volatile int joined; /* those that have not left */
    int waiting;         /* whether the caller sleeps */
} *pool;

static void enter(PyThread_type_lock lock)
{
    PyThread_acquire_lock(lock, WAIT_LOCK);
}

/* Guarded: a task of a thread's own stretch, else the last of the longest other; -1 where none is left. */
static ptrdiff_t next_task(struct stretch *own)
{
    if (own->next < own->end)
        return own->next++;
    struct stretch *longest = own;
    for (struct stretch *each = pool->stretches; each < pool->stretches + pool->shares; each++)
        if (each->end - each->next > longest->end - longest->next)
            longest = each;
    return longest == own ? -1 : --longest->end;
}

/* Tasks until there are none, from outside the guard to inside it; returns how many. */
static ptrdiff_t work(void)
{
    ptrdiff_t done = 0, i;
    enter(pool->guard);
    struct stretch *own = &pool->stretches[pool->begun++ % pool->shares];
    while ((i = next_task(own)) >= 0) {
        PyThread_release_lock(pool->guard);
        pool->task(pool->context, i);
        done++;
        enter(pool->guard);
    }
    return done;
}

/* Returns when there is a job after job number `seen`. */
static void await_job(struct helper *self, unsigned long seen)
{
    for (int i = 0; i < WATCH && pool->jobs == seen; i++)
        PAUSE();
    enter(pool->guard);
    self->asleep = pool->jobs == seen;
    const int sleeps = self->asleep;
    PyThread_release_lock(pool->guard);
    if (sleeps)
        enter(self->wake);
}

static void help(void *argument)
{
    struct helper *self = argument;
    for (;;) {
        enter(pool->guard);
        const unsigned long seen = pool->jobs;
        const int joins = pool->wanted > 0;
        if (joins) {
            pool->wanted--;
            pool->joined++;
        }
        PyThread_release_lock(pool->guard);
        if (joins) {
            const ptrdiff_t done = work();
            pool->helped += done;
            if (--pool->joined == 0 && pool->waiting) {
                pool->waiting = 0;
                PyThread_release_lock(pool->finished);
            }
            PyThread_release_lock(pool->guard);
        }
        await_job(self, seen);
    }
}

/* A lock in the state asked for, or NULL. */
static PyThread_type_lock new_lock(int held)
{
    PyThread_type_lock lock = PyThread_allocate_lock();
    if (lock != NULL && held)
        enter(lock);
    return lock;
}

static struct pool *new_pool(void)
{
    struct pool *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->busy = new_lock(0);
    made->guard = new_lock(0);
    made->finished = new_lock(1);
    if (made->busy != NULL && made->guard != NULL && made->finished != NULL)
        return made;
    return NULL; /* leaked: there is no memory for a lock */
}

static int add_helper(void)
{
    struct helper *made = calloc(1, sizeof *made);
    if (made == NULL)
        return 0;
    made->wake = new_lock(1);
    if (made->wake == NULL || PyThread_start_new_thread(help, made) == PYTHREAD_INVALID_THREAD_ID) {
        if (made->wake != NULL)
            PyThread_free_lock(made->wake);
        free(made);
        return 0;
    }
    enter(pool->guard);
    made->next = pool->helpers;
    pool->helpers = made;
    pool->count++;
    PyThread_release_lock(pool->guard);
    return 1;
}

void pool_prepare(int helpers)
{
    if (pool == NULL)
        pool = new_pool();
    while (pool != NULL && pool->count < helpers && add_helper())
        ;
}

/* Guarded: as many helpers as are wanted are awake, if there are so many. */
static void wake_helpers(void)
{
    int awake = 0;
    for (struct helper *each = pool->helpers; each != NULL; each = each->next)
        awake += !each->asleep;
    for (struct helper *each = pool->helpers; each != NULL && awake < pool->wanted; each = each->next)
        if (each->asleep) {
            each->asleep = 0;
            awake++;
            PyThread_release_lock(each->wake);
        }
}

/* Guarded on entry, not on return: waits for the helpers that have joined. */
static void await_helpers(void)
{
    pool->wanted = 0;
    PyThread_release_lock(pool->guard);
    for (int i = 0; i < WATCH && pool->joined > 0; i++)
        PAUSE();
    enter(pool->guard);
    const int waits = pool->waiting = pool->joined > 0;
    PyThread_release_lock(pool->guard);
    if (waits)
        enter(pool->finished);
}

void pool_run(ptrdiff_t n, pool_task task, void *context, int helpers)
{
    if (helpers < 1 || n < 2 || pool == NULL || !PyThread_acquire_lock(pool->busy, NOWAIT_LOCK)) {
        for (ptrdiff_t i = 0; i < n; i++)
            task(context, i);
        return;
    }
    enter(pool->guard);
    pool->task = task;
    pool->context = context;
    pool->wanted = helpers < n ? helpers : (int)n - 1;
    pool->begun = 0;
    pool->shares = pool->wanted + 1 < STRETCHES ? pool->wanted + 1 : STRETCHES;
    for (int i = 0; i < pool->shares; i++)
        pool->stretches[i] = (struct stretch){n * i / pool->shares, n * (i + 1) / pool->shares};
    pool->jobs++;
    wake_helpers();
    PyThread_release_lock(pool->guard);
    work();
    await_helpers();
    PyThread_release_lock(pool->busy);
}

ptrdiff_t pool_helped(void)
{
    return pool == NULL ? 0 : pool->helped;
}

void pool_forget(void)
{
    pool = NULL;
}
