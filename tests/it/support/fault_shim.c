/*
 * Disturbs the Nth change that a program makes to its files. Preloaded with LD_PRELOAD; see fault.rs for the meaning of each kind.
 *
 *   FAULT_FILE  shared with the test: struct report below
 *   FAULT_AT    which change, counted from 1; 0 only counts
 *   FAULT_KIND  kill, torn, power, error, full, short
 *   FAULT_ON    glob over file names; other files are neither counted nor disturbed
 *   FAULT_SEED  decides what a power cut loses
 *
 * A change is a call that writes, grows, cuts, syncs, creates, renames or removes a regular file (or syncs or makes a folder).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct report {
    volatile uint64_t calls;
    volatile uint64_t hits;
    char what[496];
};

enum kind { COUNT, KILL, TORN, POWER, ERROR, FULL, SHORT };

static struct report *report;
static enum kind kind;
static uint64_t at, seed;
static const char *on = "*";
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static ssize_t real_pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    return real(fd, bytes, length, offset);
}

static int real_ftruncate(int fd, off_t length) {
    REAL(int, "ftruncate64", int, off_t);
    return real(fd, length);
}

static int real_open(const char *path, int flags, mode_t mode) {
    REAL(int, "open64", const char *, int, ...);
    return real(path, flags, mode);
}

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAULT_FILE"), *name = getenv("FAULT_KIND"), *value;
    if (!file || !name) return;
    int fd = real_open(file, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) return;
    void *shared = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared == MAP_FAILED) return;
    static const char *names[] = {"count", "kill", "torn", "power", "error", "full", "short"};
    for (int i = 0; i <= SHORT; i++)
        if (!strcmp(name, names[i])) kind = (enum kind)i;
    if ((value = getenv("FAULT_AT"))) at = strtoull(value, NULL, 10);
    if ((value = getenv("FAULT_SEED"))) seed = strtoull(value, NULL, 10);
    if ((value = getenv("FAULT_ON"))) on = value;
    report = shared;
}

/* What a power cut can lose: changes to contents since the file was last synced, oldest first. */
struct change {
    dev_t dev;
    ino_t ino;
    int handle;
    int is_write; /* or a change of the length */
    off_t offset, old_size, new_size;
    size_t old_length, new_length;
    char *old_bytes, *new_bytes;
    struct change *before, *after;
};
static struct change *oldest, *newest;

/* A handle of our own, never closed: closing one would release the process's locks on the file. */
static int handle_of(int fd, const struct stat *about) {
    static struct { dev_t dev; ino_t ino; int handle; } known[256];
    static int count;
    for (int i = 0; i < count; i++)
        if (known[i].dev == about->st_dev && known[i].ino == about->st_ino) return known[i].handle;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int handle = real_open(link, O_RDWR | O_CLOEXEC, 0);
    if (handle >= 0 && count < 256) {
        known[count].dev = about->st_dev;
        known[count].ino = about->st_ino;
        known[count++].handle = handle;
    }
    return handle;
}

static void note(int fd, int is_write, off_t offset, const void *bytes, size_t length) {
    struct stat about;
    if (fstat(fd, &about) || !S_ISREG(about.st_mode)) return;
    int handle = handle_of(fd, &about);
    if (handle < 0) return;
    struct change *change = calloc(1, sizeof *change);
    change->dev = about.st_dev;
    change->ino = about.st_ino;
    change->handle = handle;
    change->is_write = is_write;
    change->offset = offset;
    change->old_size = about.st_size;
    off_t until = is_write ? offset + (off_t)length : about.st_size;
    change->new_size = is_write ? (until > about.st_size ? until : about.st_size) : offset;
    if (offset < about.st_size && until > offset) {
        size_t old = (size_t)((until < about.st_size ? until : about.st_size) - offset);
        change->old_bytes = malloc(old);
        ssize_t got = pread(handle, change->old_bytes, old, offset);
        change->old_length = got > 0 ? (size_t)got : 0;
    }
    if (is_write) {
        change->new_bytes = malloc(length);
        memcpy(change->new_bytes, bytes, length);
        change->new_length = length;
    }
    change->before = newest;
    if (newest) newest->after = change; else oldest = change;
    newest = change;
}

static void synced(int fd) {
    struct stat about;
    if (fstat(fd, &about)) return;
    for (struct change *change = oldest, *next; change; change = next) {
        next = change->after;
        if (change->dev != about.st_dev || change->ino != about.st_ino) continue;
        if (change->before) change->before->after = next; else oldest = next;
        if (next) next->before = change->before; else newest = change->before;
        free(change->old_bytes);
        free(change->new_bytes);
        free(change);
    }
}

static uint64_t next_random(void) {
    seed += 0x9e3779b97f4a7c15u;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Every change since the last sync is undone; then some are made again: none, all, or each by chance, as a disk may have done. */
static void lose(void) {
    for (struct change *change = newest; change; change = change->before) {
        if (change->old_length) real_pwrite(change->handle, change->old_bytes, change->old_length, change->offset);
        real_ftruncate(change->handle, change->old_size);
        if (!change->is_write && change->old_length)
            real_pwrite(change->handle, change->old_bytes, change->old_length, change->offset);
    }
    uint64_t manner = next_random() % 4;
    for (struct change *change = oldest; change; change = change->after) {
        if (manner == 0 || (manner > 1 && next_random() % 2)) continue;
        if (change->is_write) real_pwrite(change->handle, change->new_bytes, change->new_length, change->offset);
        else real_ftruncate(change->handle, change->new_size);
    }
}

__attribute__((destructor)) static void end(void) {
    if (report && kind == POWER) lose();
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static const char *base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const char *name_of(int fd, char *room, size_t size) {
    struct stat about;
    if (fstat(fd, &about) || !(S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) return NULL;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, room, size - 1);
    if (length <= 0 || room[0] != '/') return NULL;
    room[length] = 0;
    return room;
}

/* What becomes of this call; the caller holds the turn. */
enum what_now { PASS, FAIL, HALF, HALF_AND_DIE };

static enum what_now judge(const char *call, const char *path, int takes_room, int is_write) {
    if (!report || !path || fnmatch(on, base(path), 0)) return PASS;
    uint64_t number = __atomic_add_fetch(&report->calls, 1, __ATOMIC_SEQ_CST);
    int hit = at && (kind == FULL ? number >= at && takes_room : number == at);
    if (getenv("FAULT_TRACE")) dprintf(2, "fault: %lu %s %s\n", (unsigned long)number, call, path);
    if (!hit) return PASS;
    if (!report->hits++) snprintf(report->what, sizeof report->what, "%s %s", call, base(path));
    switch (kind) {
    case KILL: die(); return PASS;
    case POWER: lose(); die(); return PASS;
    case TORN: if (is_write) return HALF_AND_DIE; die(); return PASS;
    case ERROR: errno = EIO; return FAIL;
    case FULL: errno = ENOSPC; return FAIL;
    case SHORT: return is_write ? HALF : PASS;
    default: return PASS;
    }
}

static off_t position(int fd) {
    struct stat about;
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_APPEND) && !fstat(fd, &about)) return about.st_size;
    return lseek(fd, 0, SEEK_CUR);
}

#define NAMED(fd) char room[4096]; const char *path = report ? name_of(fd, room, sizeof room) : NULL

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    NAMED(fd);
    if (!path) return real(fd, bytes, length);
    pthread_mutex_lock(&turn);
    enum what_now now = judge("write", path, 1, 1);
    if (now == HALF || now == HALF_AND_DIE) length = length > 1 ? length / 2 : length;
    if (now != FAIL && kind == POWER) note(fd, 1, position(fd), bytes, length);
    ssize_t done = now == FAIL ? -1 : real(fd, bytes, length);
    if (now == HALF_AND_DIE) die();
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    NAMED(fd);
    if (!path) return real_pwrite(fd, bytes, length, offset);
    pthread_mutex_lock(&turn);
    enum what_now now = judge("pwrite", path, 1, 1);
    if (now == HALF || now == HALF_AND_DIE) length = length > 1 ? length / 2 : length;
    if (now != FAIL && kind == POWER) note(fd, 1, offset, bytes, length);
    ssize_t done = now == FAIL ? -1 : real_pwrite(fd, bytes, length, offset);
    if (now == HALF_AND_DIE) die();
    pthread_mutex_unlock(&turn);
    return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

/* One part at a time, as the kernel may do; the caller writes the rest. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    NAMED(fd);
    if (!path || count < 1) return real(fd, parts, count);
    for (int i = 0; i < count; i++)
        if (parts[i].iov_len) return write(fd, parts[i].iov_base, parts[i].iov_len);
    return 0;
}

#define SYNC(name) \
    int name(int fd) { \
        REAL(int, #name, int); \
        NAMED(fd); \
        if (!path) return real(fd); \
        pthread_mutex_lock(&turn); \
        enum what_now now = judge(#name, path, 0, 0); \
        int done = now == FAIL ? -1 : kind == POWER ? 0 : real(fd); \
        if (!done && kind == POWER) synced(fd); \
        pthread_mutex_unlock(&turn); \
        return done; \
    }
SYNC(fsync)
SYNC(fdatasync)

int ftruncate64(int fd, off_t length) {
    NAMED(fd);
    if (!path) return real_ftruncate(fd, length);
    pthread_mutex_lock(&turn);
    struct stat about;
    enum what_now now = judge("ftruncate", path, !fstat(fd, &about) && length > about.st_size, 0);
    if (now != FAIL && kind == POWER) note(fd, 0, length, NULL, 0);
    int done = now == FAIL ? -1 : real_ftruncate(fd, length);
    pthread_mutex_unlock(&turn);
    return done;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int posix_fallocate64(int fd, off_t offset, off_t length) {
    REAL(int, "posix_fallocate64", int, off_t, off_t);
    NAMED(fd);
    pthread_mutex_lock(&turn);
    enum what_now now = judge("fallocate", path, 1, 0);
    int done = now == FAIL ? errno : real(fd, offset, length);
    pthread_mutex_unlock(&turn);
    return done;
}
int posix_fallocate(int fd, off_t offset, off_t length) { return posix_fallocate64(fd, offset, length); }

static enum what_now judge_path(const char *call, const char *path, int takes_room) {
    pthread_mutex_lock(&turn);
    enum what_now now = judge(call, path, takes_room, 0);
    pthread_mutex_unlock(&turn);
    return now;
}

static int creates(const char *path, int flags) {
    return (flags & O_CREAT) && strncmp(path, "/dev/", 5) && strncmp(path, "/proc/", 6) && access(path, F_OK);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | __O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open64(const char *path, int flags, ...) {
    MODE(flags)
    if (report && creates(path, flags) && judge_path("create", path, 1) == FAIL) return -1;
    return real_open(path, flags, mode);
}
int open(const char *path, int flags, ...) {
    MODE(flags)
    return open64(path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    REAL(int, "openat64", int, const char *, int, ...);
    MODE(flags)
    if (report && creates(path, flags) && judge_path("create", path, 1) == FAIL) return -1;
    return real(folder, path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
    MODE(flags)
    return openat64(folder, path, flags, mode);
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    return judge_path("rename", to, 0) == FAIL ? -1 : real(from, to);
}
int link(const char *from, const char *to) {
    REAL(int, "link", const char *, const char *);
    return judge_path("link", to, 1) == FAIL ? -1 : real(from, to);
}
int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    return judge_path("unlink", path, 0) == FAIL ? -1 : real(path);
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    return judge_path("mkdir", path, 1) == FAIL ? -1 : real(path, mode);
}
