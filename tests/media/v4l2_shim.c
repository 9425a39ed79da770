/* Stands in for a v4l2loopback device: preloaded, it answers for /dev/video0.
 *
 * The device is the file V4L2_SHIM_FILE, so that what a program writes to the camera can be read
 * there. Only the two calls that a file cannot answer are answered here: what the device is, and
 * which format it takes. V4L2_SHIM_BUSY makes the second fail as when another program feeds it;
 * V4L2_SHIM_FORMAT names a file that receives the format asked for. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int device = -1;

static int open_device(void) {
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    device = real_open(getenv("V4L2_SHIM_FILE"), O_RDWR | O_APPEND | O_CREAT, 0600);
    return device;
}

int open(const char *path, int flags, ...) {
    if (strcmp(path, "/dev/video0") == 0) return open_device();
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    va_list arguments;
    va_start(arguments, flags);
    int mode = va_arg(arguments, int);
    va_end(arguments);
    return real_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    if (strcmp(path, "/dev/video0") == 0) return open_device();
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
    va_list arguments;
    va_start(arguments, flags);
    int mode = va_arg(arguments, int);
    va_end(arguments);
    return real_open(path, flags, mode);
}

static int report_capabilities(struct v4l2_capability *answer) {
    memset(answer, 0, sizeof *answer);
    strcpy((char *)answer->driver, "v4l2 loopback");
    strcpy((char *)answer->card, "Avatarify");
    answer->device_caps = V4L2_CAP_VIDEO_OUTPUT;
    answer->capabilities = answer->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int set_format(struct v4l2_format *format) {
    if (getenv("V4L2_SHIM_BUSY")) {
        errno = EBUSY;
        return -1;
    }
    FILE *note = fopen(getenv("V4L2_SHIM_FORMAT"), "w");
    fprintf(note, "%.4s %u %u", (char *)&format->fmt.pix.pixelformat, format->fmt.pix.width,
            format->fmt.pix.height);
    fclose(note);
    return 0;
}

int ioctl(int file, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (file == device && request == VIDIOC_QUERYCAP) return report_capabilities(argument);
    if (file == device && request == VIDIOC_S_FMT) return set_format(argument);
    int (*real_ioctl)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    return real_ioctl(file, request, argument);
}
