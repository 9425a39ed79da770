/* Draws the inside of an open mouth: what `mouth.py` does with NumPy, in one go over the pixels.
 *
 * Compiled with person.c into one library; what is said there holds here.
 */

#include <stddef.h>

#include "four.h"

/* Half of an arch with its teeth: a texture over the arch's coordinates u and v. */
typedef struct {
    const uint8_t *texels[2]; /* (h, w, 4), colours times alpha: in the dark, and in full light */
    int32_t height, width;
    float left, top; /* coordinates of its upper left corner */
    float density;   /* texels for one unit */
} Plate;

/* One portrait's mouth. Colours are 0 to 255, shares 0 to 1. */
typedef struct {
    Plate plates[2];                /* far to near */
    const double *positions;        /* (count,), u along an arch, ascending in even steps */
    const double *depths;           /* (count,), how deep it lies there */
    int32_t count, entries;         /* entries: of the tables in which u is looked up */
    double steepest;                /* slants are no larger */
    float ground[4];                /* the cavity under the light that the plates are painted for */
    float darkest[4];               /* no colour is darker */
    float gain[4];                  /* 1 over that light */
    float bounced[4];               /* light that flesh throws into shadows */
    float flesh[4], wet[4], seam[4];
    float wetness;   /* how much the lower lip's wet side covers */
    float shadow[2]; /* of the lips: where all is near them, and what the opening takes from it */
} Mouth;

/* How it is open in one picture. */
typedef struct {
    double arches[2][4][2]; /* origin, across, down and back, x and y, of each plate */
    float mix[2];           /* how much of each plate is lit */
    float bright;           /* light where no lip shades it */
    float shade;            /* how much of the lips' shadow there is */
    float veil;             /* how much of the lips' colour lies over all */
    float seal;             /* how much of it is the line between shut lips */
    float activity;         /* how much of it all is drawn */
    int32_t left, top, width, height; /* of the window that is painted */
} Opening;

/* How an arch is seen: from a place in the picture to u and v. */
typedef struct {
    float flat[3], down[3]; /* of x, y and 1: an entry of the tables, and v */
    const float *along, *sunk; /* (entries,), u, and how far depth carries it down */
    int32_t entries;
} View;

static double middle_of(double low, double value, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Tell how an arch is seen where it is; what its own front hides is left out.
 *
 * arch: origin, across, down and back; places: (count,) to work with; tables: (2, entries).
 */
static View view(const Mouth *mouth, const double (*arch)[2], double *places, float *tables)
{
    const double *origin = arch[0], *across = arch[1], *down = arch[2], *back = arch[3];
    const double area = across[0] * down[1] - down[0] * across[1];
    const double inverse = area != 0.0 ? 1.0 / area : 0.0;
    const double flat[2][2] = {{down[1] * inverse, -down[0] * inverse},
                               {-across[1] * inverse, across[0] * inverse}};
    double slant[2];
    for (int k = 0; k < 2; k++)
        slant[k] = flat[k][0] * back[0] + flat[k][1] * back[1];
    const int32_t count = mouth->count, half = count / 2, last = mouth->entries - 1;
    const double steep = middle_of(-mouth->steepest, slant[0], mouth->steepest);
    for (int32_t i = 0; i < count; i++)
        places[i] = mouth->positions[i] + steep * mouth->depths[i];
    for (int32_t i = half + 1; i < count; i++)
        places[i] = places[i] > places[i - 1] ? places[i] : places[i - 1];
    for (int32_t i = half - 1; i >= 0; i--)
        places[i] = places[i] < places[i + 1] ? places[i] : places[i + 1];
    const double start = places[0], step = (places[count - 1] - start) / last;
    const double first = mouth->positions[0];
    const double pace = (mouth->positions[count - 1] - first) / (count - 1);
    float *along = tables, *sunk = tables + mouth->entries;
    for (int32_t k = 0, i = 0; k <= last; k++) {
        const double at = k < last ? start + step * k : places[count - 1];
        while (i < count - 2 && places[i + 1] <= at)
            i++;
        const double way = places[i + 1] - places[i];
        const double share = way > 0.0 ? middle_of(0.0, (at - places[i]) / way, 1.0) : 1.0;
        along[k] = (float)(first + pace * (i + share));
        const double depth = mouth->depths[i] + share * (mouth->depths[i + 1] - mouth->depths[i]);
        sunk[k] = (float)(slant[1] * depth);
    }
    View seen = {{0}, {0}, along, sunk, mouth->entries};
    const double scale = step > 0.0 ? 1.0 / step : 0.0;
    for (int k = 0; k < 2; k++) {
        seen.flat[k] = (float)(flat[0][k] * scale);
        seen.down[k] = (float)flat[1][k];
    }
    seen.flat[2] = (float)(-(flat[0][0] * origin[0] + flat[0][1] * origin[1] + start) * scale);
    seen.down[2] = (float)-(flat[1][0] * origin[0] + flat[1][1] * origin[1]);
    return seen;
}

/* Return a texel; there is nothing beyond a plate. */
static inline Four texel(const Plate *plate, const uint8_t *texels, int x, int y)
{
    if (x < 0 || y < 0 || x >= plate->width || y >= plate->height)
        return all(0.0f);
    return bytes(texels + 4 * ((ptrdiff_t)y * plate->width + x));
}

/* Mix the four texels around a place. */
static inline Four mixed_texels(const Plate *plate, const uint8_t *texels, int x, int y, Four right,
                                Four below)
{
    if (x >= 0 && y >= 0 && x + 1 < plate->width && y + 1 < plate->height) {
        const uint8_t *upper = texels + 4 * ((ptrdiff_t)y * plate->width + x);
        const uint8_t *lower = upper + 4 * (ptrdiff_t)plate->width;
        return between(between(bytes(upper), bytes(upper + 4), right),
                       between(bytes(lower), bytes(lower + 4), right), below);
    }
    return between(between(texel(plate, texels, x, y), texel(plate, texels, x + 1, y), right),
                   between(texel(plate, texels, x, y + 1), texel(plate, texels, x + 1, y + 1), right),
                   below);
}

/* Lay what is seen of a plate at a place over a colour. */
static inline Four lay(const Plate *plate, const View *seen, float lit, float x, float y,
                       Four colour)
{
    const float entry = seen->flat[0] * x + seen->flat[1] * y + seen->flat[2] + 0.5f;
    const int32_t index = (int32_t)limited(entry, (float)(seen->entries - 1));
    const float v = seen->down[0] * x + seen->down[1] * y + seen->down[2] - seen->sunk[index];
    const float column = (seen->along[index] - plate->left) * plate->density - 0.5f;
    const float row = (v - plate->top) * plate->density - 0.5f;
    if (!(column > -1.0f && row > -1.0f && column < (float)plate->width &&
          row < (float)plate->height)) /* NaN too */
        return colour;
    const int left = (int)(column + 1.0f) - 1, top = (int)(row + 1.0f) - 1;
    const Four right = all(column - (float)left), below = all(row - (float)top);
    Four rgba = all(0.0f);
    if (lit < 1.0f)
        rgba = mixed_texels(plate, plate->texels[0], left, top, right, below);
    if (lit > 0.0f)
        rgba = between(rgba, mixed_texels(plate, plate->texels[1], left, top, right, below),
                       all(lit));
    const Four through = minus(all(1.0f), times(cover_of(rgba), all(1.0f / 255.0f)));
    return plus(times(colour, through), rgba);
}

/* Shade a colour as the lips around it do.
 *
 * near: how much of what is around is open; below: the same of what is just below.
 */
static inline Four shade(const Mouth *mouth, const Opening *open, float near, float below,
                         Four colour)
{
    const float shadow = open->shade * limited(mouth->shadow[0] - mouth->shadow[1] * near, 1.0f);
    const float edge = limited(1.0f - below, 1.0f);
    const Four light = all(open->bright * (1.0f - shadow)), bounced = four(mouth->bounced);
    const Four lit = times(light, between(bounced, all(1.0f), light));
    colour = times(times(colour, lit), four(mouth->gain));
    colour = greater(colour, four(mouth->darkest));
    colour = between(colour, four(mouth->flesh), all(open->veil));
    colour = between(colour, four(mouth->wet), all(mouth->wetness * edge * edge));
    return between(colour, four(mouth->seam), all(open->seal));
}

/* Draw the inside of a mouth onto a picture RGB.
 *
 * near, below, soft: (h, w), of the opening, 0 to 1: blurred as far as shadows reach, downwards, and
 * along its edge; picture: the window's first pixel; stride: bytes from a row of it to the next;
 * places: (count,) and tables: (2, 2, entries) to work with.
 */
EXPORT void avatarify_draw_mouth(const Mouth *mouth, const Opening *open, const float *near,
                                 const float *below, const float *soft, uint8_t *picture,
                                 int32_t stride, double *places, float *tables)
{
    const float unseen = 0.5f / 255.0f; /* no colour changes by a level */
    View views[2];
    for (int k = 0; k < 2; k++)
        views[k] = view(mouth, open->arches[k], places, tables + 2 * k * (ptrdiff_t)mouth->entries);
    for (int32_t row = 0; row < open->height; row++) {
        uint8_t *pixel = picture + (ptrdiff_t)row * stride;
        const float y = (float)(open->top + row) + 0.5f;
        for (int32_t column = 0; column < open->width; column++, pixel += 3, near++, below++) {
            const float alpha = open->activity * *soft++;
            if (!(alpha >= unseen))
                continue;
            const float x = (float)(open->left + column) + 0.5f;
            Four colour = four(mouth->ground);
            for (int k = 0; k < 2; k++)
                colour = lay(&mouth->plates[k], &views[k], open->mix[k], x, y, colour);
            colour = shade(mouth, open, *near, *below, colour);
            const Four here = these(pixel[0], pixel[1], pixel[2], 0.0f);
            int32_t levels[4];
            whole(within(plus(between(here, colour, all(alpha)), all(0.5f)), all(255.0f)), levels);
            for (int k = 0; k < 3; k++)
                pixel[k] = (uint8_t)levels[k];
        }
    }
}
