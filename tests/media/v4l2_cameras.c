/* Stands in for webcams: preloaded, it answers for /dev/videoN as tests/media/v4l2_cameras.py says.
 *
 * $V4L2_CAMERAS/videoN is a folder for each camera. `about` has one line each: driver, card, bus,
 * pixel format, width, height, frames per second, and `silent` if nothing is to come. `frames` has
 * what the camera delivers, over and over: each frame after its length (4 bytes). A folder that is
 * gone is a camera that was unplugged. What the device is opened as is the file `buffers`, so that
 * mmap, select and close are the system's own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUFFERS 8
#define ROOM (1 << 22)
#define FILES 1024

struct camera {
    int is_open, queued[BUFFERS], count, first;
    char folder[512], driver[16], card[32], bus[32], format[5];
    unsigned width, height, fps, sequence;
    int is_silent;
    FILE *frames;
};

static struct camera *cameras[FILES];

static int read_line(FILE *file, char *line, size_t size) {
    char all[256] = "";
    if (!fgets(all, sizeof all, file)) return 0;
    all[strcspn(all, "\n")] = 0;
    strncpy(line, all, size);
    return 1;
}

static struct camera *plugged(const char *path) {
    const char *root = getenv("V4L2_CAMERAS");
    if (!root || strncmp(path, "/dev/video", 10)) return NULL;
    struct camera *camera = calloc(1, sizeof *camera);
    char about[600], word[32] = "";
    snprintf(camera->folder, sizeof camera->folder, "%s/%s", root, path + 5);
    snprintf(about, sizeof about, "%s/about", camera->folder);
    FILE *file = fopen(about, "r");
    if (!file) {
        free(camera);
        return NULL;
    }
    read_line(file, camera->driver, 16), read_line(file, camera->card, 32);
    read_line(file, camera->bus, 32), read_line(file, camera->format, 4);
    read_line(file, word, 32), camera->width = atoi(word);
    read_line(file, word, 32), camera->height = atoi(word);
    read_line(file, word, 32), camera->fps = atoi(word);
    camera->is_silent = read_line(file, word, 32) && strcmp(word, "silent") == 0;
    fclose(file);
    snprintf(about, sizeof about, "%s/frames", camera->folder);
    camera->frames = fopen(about, "rb");
    return camera;
}

static int open_camera(struct camera *camera) {
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    char buffers[600];
    snprintf(buffers, sizeof buffers, "%s/buffers", camera->folder);
    int file = real_open(buffers, O_RDWR | O_CREAT, 0600);
    if (file < 0 || file >= FILES || ftruncate(file, (off_t)BUFFERS * ROOM)) return -1;
    cameras[file] = camera;
    return file;
}

#define OPENS(name)                                                        \
    int name(const char *path, int flags, ...) {                           \
        struct camera *camera = plugged(path);                             \
        if (camera) return open_camera(camera);                            \
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name);     \
        va_list arguments;                                                 \
        va_start(arguments, flags);                                        \
        int mode = va_arg(arguments, int);                                 \
        va_end(arguments);                                                 \
        return real(path, flags, mode);                                    \
    }
OPENS(open)
OPENS(open64)

int close(int file) {
    int (*real_close)(int) = dlsym(RTLD_NEXT, "close");
    if (file >= 0 && file < FILES && cameras[file]) {
        if (cameras[file]->frames) fclose(cameras[file]->frames);
        free(cameras[file]);
        cameras[file] = NULL;
    }
    return real_close(file);
}

static int fail(int error) {
    errno = error;
    return -1;
}

static int describe(struct camera *camera, struct v4l2_capability *answer) {
    memset(answer, 0, sizeof *answer);
    memcpy(answer->driver, camera->driver, 16);
    memcpy(answer->card, camera->card, 32);
    memcpy(answer->bus_info, camera->bus, 32);
    answer->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    answer->capabilities = answer->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int list_format(struct camera *camera, struct v4l2_fmtdesc *answer) {
    if (answer->index) return fail(EINVAL);
    memcpy(&answer->pixelformat, camera->format, 4);
    return 0;
}

static int set_format(struct camera *camera, struct v4l2_format *answer) {
    if (answer->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
    memset(&answer->fmt.pix, 0, sizeof answer->fmt.pix);
    answer->fmt.pix.width = camera->width;
    answer->fmt.pix.height = camera->height;
    memcpy(&answer->fmt.pix.pixelformat, camera->format, 4);
    answer->fmt.pix.bytesperline = camera->width * (strcmp(camera->format, "YUYV") ? 1 : 2);
    answer->fmt.pix.sizeimage = answer->fmt.pix.bytesperline * camera->height;
    if (strcmp(camera->format, "MJPG") == 0) answer->fmt.pix.sizeimage = ROOM;
    return 0;
}

static int set_rate(struct camera *camera, struct v4l2_streamparm *answer) {
    answer->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    answer->parm.capture.timeperframe.numerator = 1;
    answer->parm.capture.timeperframe.denominator = camera->fps;
    return 0;
}

static int locate(struct v4l2_buffer *answer) {
    answer->length = ROOM;
    answer->m.offset = answer->index * ROOM;
    return 0;
}

static int fill(int file, struct camera *camera, struct v4l2_buffer *answer) {
    char about[600];
    snprintf(about, sizeof about, "%s/about", camera->folder);
    if (access(about, F_OK)) return fail(ENODEV);
    if (camera->is_silent || !camera->count) return fail(EAGAIN);
    unsigned length = 0;
    struct timespec pause = {0, 1000000000L / (camera->fps ? camera->fps : 1)};
    if (camera->fps == 1) pause.tv_sec = 1, pause.tv_nsec = 0;
    nanosleep(&pause, NULL);
    if (fread(&length, 4, 1, camera->frames) != 1) {
        rewind(camera->frames);
        if (fread(&length, 4, 1, camera->frames) != 1) return fail(EAGAIN);
    }
    answer->index = camera->queued[camera->first];
    camera->first = (camera->first + 1) % BUFFERS;
    camera->count--;
    char *frame = malloc(length + 1);
    if (fread(frame, 1, length, camera->frames) != length) return fail(EIO);
    if (pwrite(file, frame, length, (off_t)answer->index * ROOM) < 0) return fail(EIO);
    free(frame);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    answer->timestamp.tv_sec = now.tv_sec;
    answer->timestamp.tv_usec = now.tv_nsec / 1000;
    answer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    answer->bytesused = length;
    answer->sequence = camera->sequence++;
    return locate(answer);
}

static int queue(struct camera *camera, struct v4l2_buffer *buffer) {
    camera->queued[(camera->first + camera->count++) % BUFFERS] = buffer->index;
    return 0;
}

static int answer_for(int file, struct camera *camera, unsigned long request, void *argument) {
    switch (request) {
    case VIDIOC_QUERYCAP: return describe(camera, argument);
    case VIDIOC_ENUM_FMT: return list_format(camera, argument);
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
    case VIDIOC_TRY_FMT: return set_format(camera, argument);
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: return set_rate(camera, argument);
    case VIDIOC_G_INPUT:
    case VIDIOC_S_INPUT: return *(int *)argument = 0;
    case VIDIOC_ENUMINPUT: return ((struct v4l2_input *)argument)->index ? fail(EINVAL) : 0;
    case VIDIOC_REQBUFS:
        camera->count = camera->first = 0;
        if (((struct v4l2_requestbuffers *)argument)->count > BUFFERS)
            ((struct v4l2_requestbuffers *)argument)->count = BUFFERS;
        return 0;
    case VIDIOC_QUERYBUF: return locate(argument);
    case VIDIOC_QBUF: return queue(camera, argument);
    case VIDIOC_DQBUF: return fill(file, camera, argument);
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF: return 0;
    default: return fail(ENOTTY);
    }
}

int ioctl(int file, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (file >= 0 && file < FILES && cameras[file])
        return answer_for(file, cameras[file], (unsigned)request, argument);
    int (*real_ioctl)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    return real_ioctl(file, request, argument);
}
