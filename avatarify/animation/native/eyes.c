/* Draws one eye of a moved face: what `eyes.py` does with OpenCV, in one go over the pixels.
 *
 * Compiled with person.c into one library; what is said there holds here.
 */

#include <math.h>

#include "eyes.h"
#include "four.h"

enum { REACH = 3 };     /* pixels that the soft edge of the opening reaches */
enum { WHOLE = 16384 }; /* shares of two pixels beside each other together */

/* Return a little less than a number that is neither negative nor huge. */
static float before(int32_t number) { return (float)number * 0.9999999f; }

/* Between which pixels of the patch a row of the window looks. */
typedef struct {
    int32_t *first; /* number of the upper left one of the four */
    int32_t *right; /* share of those on the right, of WHOLE */
    float *down;    /* share of those below, of 1 */
} Spots;

/* Find them. What is beyond the patch, or is no number, is at its edge; there is always a pixel on
 * the right and below. x, y: (w,), places in the patch. */
static void find(const Eye *eye, const float *restrict x, const float *restrict y, int width,
                 Spots spots)
{
    const int32_t across = eye->width;
    const float last_x = before(eye->width - 1), last_y = before(eye->height - 1);
    int32_t *restrict first = spots.first, *restrict right = spots.right;
    float *restrict down = spots.down;
    for (int i = 0; i < width; i++) {
        const float column = limited(x[i], last_x), row = limited(y[i], last_y);
        const int32_t left = (int32_t)column, top = (int32_t)row;
        first[i] = top * across + left;
        right[i] = (int32_t)((column - (float)left) * WHOLE);
        down[i] = row - (float)top;
    }
}

/* Write places along a straight line. */
static void draw_line(float *out, int begin, int end, float start, float step)
{
    for (int i = begin; i < end; i++)
        out[i] = start + step * (float)i;
}

/* Find where a row goes with a lid. Between two points of the margin ways change evenly, so places
 * lie on straight lines.
 *
 * here: x and y of the row's first pixel in the patch, and how far it is to the next.
 */
static void follow_lid(const Eye *eye, const Place *place, int lid, const double *here, int width,
                       float *x, float *y)
{
    const double *parts = eye->parts[lid], *axis = eye->axis;
    double along = 0.0, step = 0.0; /* part of the way between the corners */
    for (int i = 0; i < 2; i++) {
        along += axis[i] * (here[i] + eye->middle[i] + eye->to_patch[i] - eye->start[i]);
        step += axis[i] * here[2 + i];
    }
    along /= eye->span;
    step /= eye->span;
    int begin = 0;
    for (int i = 0; i <= POINTS; i++) {
        const int next = step < 0.0 ? POINTS - i : i; /* the point behind the line */
        const int edge = step < 0.0 ? next - 1 : next;
        int end = width;
        if (i < POINTS)
            end = (int)ceilf(limited((float)((parts[edge] - along) / step), (float)width));
        if (end <= begin)
            continue;
        const int last = next > 0 ? next - 1 : 0;
        double slopes[2] = {0.0, 0.0}; /* what is beyond the corners goes with them */
        const double (*ways)[2] = place->ways[lid];
        if (next > 0 && next < POINTS)
            for (int k = 0; k < 2; k++)
                slopes[k] = (ways[next][k] - ways[last][k]) / (parts[next] - parts[last]);
        for (int k = 0; k < 2; k++)
            draw_line(k ? y : x, begin, end,
                      (float)(here[k] - ways[last][k] - (along - parts[last]) * slopes[k]),
                      (float)(here[2 + k] - step * slopes[k]));
        begin = end;
    }
}

/* Return what a texture shows at a spot. */
static inline Four seen(const Eye *eye, const int16_t *texture, const Spots *spots, int i,
                        Four units)
{
    const int16_t *upper = texture + 4 * (ptrdiff_t)spots->first[i];
    const int16_t *lower = upper + 4 * (ptrdiff_t)eye->width;
    const int32_t right = spots->right[i];
#ifdef HAS_SSE2
    const __m128i shares = _mm_set1_epi32(right * 65535 + WHOLE);
    __m128i above = _mm_loadu_si128((const __m128i *)upper);
    __m128i below = _mm_loadu_si128((const __m128i *)lower);
    above = _mm_madd_epi16(_mm_unpacklo_epi16(above, _mm_unpackhi_epi64(above, above)), shares);
    below = _mm_madd_epi16(_mm_unpacklo_epi16(below, _mm_unpackhi_epi64(below, below)), shares);
    const Four top = _mm_cvtepi32_ps(above), bottom = _mm_cvtepi32_ps(below);
#else
    Four top, bottom;
    for (int k = 0; k < 4; k++) {
        top.v[k] = (float)(upper[k] * (WHOLE - right) + upper[4 + k] * right);
        bottom.v[k] = (float)(lower[k] * (WHOLE - right) + lower[4 + k] * right);
    }
#endif
    return times(between(top, bottom, all(spots->down[i])), units);
}

static int mirrored(int at, int size)
{
    at = at < 0 ? -at : at;
    at = at >= size ? 2 * size - 2 - at : at;
    return at < 0 ? 0 : at >= size ? size - 1 : at;
}

/* Blur a row of the opening; return whether anything is open there.
 *
 * mask: (h, w), 255 in the opening; rows: the first one in which it is, and the one behind the last;
 * shares: of a pixel, and of those beside it; line: w + 6 numbers to work with; open: (w,), 0 to 1.
 */
static int soften(const uint8_t *mask, const int *rows, const float *shares, float fullness,
                  int row, int height, int width, float *line, float *open)
{
    float *down = line + REACH;
    if (row < rows[0] - REACH || row >= rows[1] + REACH) {
        for (int x = 0; x < width; x++)
            open[x] = 0.0f;
        return 0;
    }
    const float *f = shares;
    const uint8_t *m[2 * REACH + 1];
    for (int k = -REACH; k <= REACH; k++)
        m[k + REACH] = mask + (ptrdiff_t)mirrored(row + k, height) * width;
    for (int x = 0; x < width; x++)
        down[x] = f[0] * m[3][x] + f[1] * (float)(m[2][x] + m[4][x]) +
                  f[2] * (float)(m[1][x] + m[5][x]) + f[3] * (float)(m[0][x] + m[6][x]);
    for (int k = 1; k <= REACH; k++) {
        down[-k] = down[mirrored(-k, width)];
        down[width - 1 + k] = down[mirrored(width - 1 + k, width)];
    }
    for (int x = 0; x < width; x++) {
        float sum = f[0] * down[x];
        for (int k = 1; k <= REACH; k++)
            sum += f[k] * (down[x - k] + down[x + k]);
        open[x] = limited(sum * fullness / 255.0f, 1.0f);
    }
    return 1;
}

static void gaussian(float sigma, float *shares)
{
    float sum = 0.0f;
    for (int k = 0; k <= REACH; k++) {
        shares[k] = expf(-0.5f * (float)(k * k) / (sigma * sigma));
        sum += k ? 2.0f * shares[k] : shares[k];
    }
    for (int k = 0; k <= REACH; k++)
        shares[k] /= sum;
}

/* Find the first row in which there is anything of a mask, and the one behind the last. */
static void find_rows(const uint8_t *mask, int height, int width, int *rows)
{
    rows[0] = height;
    rows[1] = 0;
    for (int row = 0; row < height; row++) {
        int any = 0;
        for (int i = 0; i < width; i++)
            any |= mask[(ptrdiff_t)row * width + i];
        if (any) {
            rows[0] = row < rows[0] ? row : rows[0];
            rows[1] = row + 1;
        }
    }
}

enum { WHITE, IRIS, LIDS };

/* Draw an eye into its window of a picture RGB, in place.
 *
 * mask: as large as the window, 255 in the opening; picture: its first pixel; stride: bytes from a
 * row of it to the next; line: 16 w + 6 numbers to work with, w the window's width.
 */
EXPORT void avatarify_draw_eye(const Eye *eye, const Place *place, const uint8_t *mask,
                               uint8_t *picture, int32_t stride, float *line)
{
    const int height = place->height, width = place->width;
    if (eye->height < 2 || eye->width < 2)
        return;
    const Four units = times(four(eye->units), all(1.0f / WHOLE));
    const Four lid_units = times(four(eye->lid_units), all(1.0f / WHOLE));
    const Four lash = four(eye->lash), darkest = all(eye->darkest), thinness = all(place->thinness);
    const float least = eye->shut_edge * (1.0f - place->openness);
    const float *a = place->to_patch;
    float *open = line, *x = line + width, *y = line + 2 * width, shares[REACH + 1];
    Spots spots[4];
    for (int k = 0; k < 4; k++)
        spots[k] = (Spots){(int32_t *)line + (3 + 3 * k) * width,
                           (int32_t *)line + (4 + 3 * k) * width, line + (5 + 3 * k) * width};
    int rows[2];
    find_rows(mask, height, width, rows);
    gaussian(eye->softness[0] + place->thinness * (eye->softness[1] - eye->softness[0]), shares);
    for (int row = 0; row < height; row++) {
        const int is_open = soften(mask, rows, shares, eye->fullness, row, height, width,
                                   line + 15 * width, open);
        const double here[4] = {a[1] * (float)row + a[2], a[4] * (float)row + a[5], a[0], a[3]};
        for (int k = 0; k < 2; k++) {
            follow_lid(eye, place, k, here, width, x, y);
            find(eye, x, y, width, spots[LIDS + k]);
            if (!is_open)
                continue;
            draw_line(x, 0, width, (float)here[0] + (float)k * place->to_iris[0], a[0]);
            draw_line(y, 0, width, (float)here[1] + (float)k * place->to_iris[1], a[3]);
            find(eye, x, y, width, spots[WHITE + k]);
        }
        uint8_t *pixel = picture + (place->top + row) * (ptrdiff_t)stride;
        pixel += 3 * (ptrdiff_t)place->left;
        for (int i = 0; i < width; i++, pixel += 3) {
            const Four upper = seen(eye, eye->lids[0], spots + LIDS, i, lid_units);
            const Four lower = seen(eye, eye->lids[1], spots + LIDS + 1, i, lid_units);
            const float covers[2] = {limited(eye->steep * (last_of(upper) - least), 1.0f),
                                     limited(eye->steep * (last_of(lower) - least), 1.0f)};
            if (!(open[i] > 0.0f || covers[0] > 0.0f || covers[1] > 0.0f))
                continue;
            Four layer = all(0.0f);
            float through = 1.0f - open[i];
            if (open[i] > 0.0f) {
                const Four white = seen(eye, eye->white, spots + WHITE, i, units);
                const Four iris = seen(eye, eye->iris, spots + IRIS, i, units);
                layer = plus(times(white, minus(all(1.0f), cover_of(iris))), iris);
                layer = times(times(plus(layer, darkest), upper), lower);
                layer = between(minus(layer, darkest), lash, thinness);
                layer = times(layer, all(open[i]));
            }
            for (int lid = 1; lid >= 0; lid--)
                if (covers[lid] > 0.0f) {
                    const Four edge = seen(eye, eye->own, spots + LIDS + lid, i, units);
                    layer = between(layer, edge, all(covers[lid]));
                    through *= 1.0f - covers[lid];
                }
            const Four below = these(pixel[0], pixel[1], pixel[2], 0.0f);
            int32_t out[4];
            layer = within(plus(layer, times(below, all(through))), all(255.0f));
            whole(plus(layer, all(0.5f)), out);
            for (int k = 0; k < 3; k++)
                pixel[k] = (uint8_t)out[k];
        }
    }
}
