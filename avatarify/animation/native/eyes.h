/* One eye of a portrait, and where it is in a picture: what eye_place.c finds and eyes.c draws. */

#ifndef AVATARIFY_EYES_H
#define AVATARIFY_EYES_H

#include <stddef.h>
#include <stdint.h>

#include "machine.h"

enum { POINTS = 9 }; /* of a margin, from corner to corner; the upper and the lower one share both */

/* Textures are of the patch around the eye: (h, w, 4), numbers of 16 bits, to be multiplied by a
 * unit. Lengths are pixels of the portrait.
 */
typedef struct {
    const int16_t *white;           /* the eyeball without its iris */
    const int16_t *iris;            /* what it adds to the white, and how much of that it covers */
    const int16_t *own;             /* the portrait */
    const int16_t *lids[2];         /* the shade that a lid throws, and how near its margin is */
    const double *smooth;           /* (pieces, POINTS), makes a margin a smooth line */
    double reach[2][POINTS][2];     /* how far beyond each point there is something to paint */
    double parts[2][POINTS];        /* where along the way between the corners they are, ascending */
    double heights[2][POINTS];      /* how far across it */
    double start[2], axis[2], span; /* the outer corner, the direction of the other, and how far */
    double gap;                     /* height of the opening */
    double middle[2];               /* between the corners */
    double to_patch[2], to_iris[2]; /* from there to the patch's first pixel, from the iris to it */
    int32_t landmarks[2][POINTS];   /* their numbers */
    int32_t iris_landmark;
    int32_t pieces;
    int32_t height, width; /* of the patch */
    float units[4];        /* of all colours, and of the iris's cover */
    float lid_units[4];    /* of shades and nearness */
    float lash[4];         /* colour of the line in which lids meet */
    float darkest;         /* added to colours where they are shaded */
    float steep;           /* how fast the cover of a lid's edge grows with its nearness */
    float softness[2];     /* sigma by which the opening's edge is blurred, of open and shut eyes */
    float fullness;        /* by which it is multiplied then, up to 1 */
    float thin_gap;        /* an eye that is open less than this part shows a line between lids */
    float shut_edge;       /* shut lids show only what is nearer to the margin than this */
} Eye;

typedef struct {
    double ways[2][POINTS][2];        /* how far the margins went in the patch, at their points */
    int32_t left, top, width, height; /* of the window that is painted, in pixels of the picture */
    float to_patch[6];                /* from column and row of the window to the patch */
    float to_iris[2];                 /* from there on to where the iris is in the patch */
    float openness;                   /* of what it is at rest, 1 at most */
    float thinness;                   /* how much of a line the opening has become, 0 to 1 */
} Place;

#endif
