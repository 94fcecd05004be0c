/* A wrong wall clock for one process and its children: LD_PRELOAD this. The offset in seconds is read from the file
   that $WRONG_CLOCK names, at each call, so that it can jump. All other clocks are left alone. */
extern long syscall(long number, ...);
extern char *getenv(const char *name);
extern int open(const char *path, int flags, ...);
extern long read(int file, void *buffer, unsigned long count);
extern int close(int file);
struct timespec { long seconds, nanoseconds; };
struct timeval { long seconds, microseconds; };

static long offset(void) {
    char text[24];
    const char *path = getenv("WRONG_CLOCK");
    int file = path ? open(path, 02000000) : -1; /* O_CLOEXEC */
    long count = file < 0 ? 0 : read(file, text, sizeof text), value = 0, at = 0;
    if (file >= 0) close(file);
    if (count > 0 && text[0] == '-') at = 1;
    for (long i = at; i < count && text[i] >= '0' && text[i] <= '9'; i++) value = value * 10 + text[i] - '0';
    return at ? -value : value;
}

int clock_gettime(int clock, struct timespec *now) {
    long answer = syscall(CLOCK_GETTIME, (long)clock, now);
    if (answer == 0 && (clock == 0 || clock == 5)) now->seconds += offset(); /* CLOCK_REALTIME and its coarse twin */
    return (int)answer;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(0, &precise);
    now->seconds = precise.seconds;
    now->microseconds = precise.nanoseconds / 1000;
    return 0;
}

long time(long *answer) {
    struct timespec precise;
    clock_gettime(0, &precise);
    if (answer) *answer = precise.seconds;
    return precise.seconds;
}
