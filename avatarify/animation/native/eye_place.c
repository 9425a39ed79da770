/* Finds one eye of a moved face: what geometry/eye_place.py does with NumPy, without its calls.
 *
 * Compiled with person.c into one library; what is said there holds here.
 */

#include <math.h>

#include "eyes.h"

static const double FARTHEST = 1e6; /* no eye is drawn so many pixels away */

/* Return what lies at a place on the line through points that ascend in `x`. */
static double interpolated(double at, const double *x, const double *y)
{
    if (!(at > x[0]))
        return y[0];
    for (int k = 1; k < POINTS; k++)
        if (at < x[k])
            return y[k - 1] + (at - x[k - 1]) / (x[k] - x[k - 1]) * (y[k] - y[k - 1]);
    return y[POINTS - 1];
}

/* Find how far a margin went at the places of its points; see `MarginsAtRest.ways`.
 *
 * moved: where its points went, in the portrait.
 */
static void find_ways(const Eye *eye, int lid, double (*moved)[2], double (*ways)[2])
{
    const double *axis = eye->axis;
    double along[POINTS], across[POINTS], parts[POINTS], farthest = -HUGE_VAL;
    for (int k = 0; k < POINTS; k++) {
        const double x = moved[k][0] - eye->start[0], y = moved[k][1] - eye->start[1];
        along[k] = x * axis[0] + y * axis[1];
        across[k] = y * axis[0] - x * axis[1];
    }
    const double slide = along[0], way = along[POINTS - 1] - slide;
    const double span = way > 1e-9 ? way : 1e-9;
    for (int k = 0; k < POINTS; k++) {
        const double part = (along[k] - slide) / span;
        farthest = part > farthest ? part : farthest;
        parts[k] = farthest + 1e-6 * k;
    }
    for (int k = 0; k < POINTS; k++) {
        const double part = eye->parts[lid][k];
        const double x = slide + part * (span - eye->span);
        const double y = interpolated(part, parts, across) - eye->heights[lid][k];
        ways[k][0] = x * axis[0] - y * axis[1];
        ways[k][1] = x * axis[1] + y * axis[0];
    }
}

/* Write the smooth outline of the opening, in sixteenths of a pixel of the window. */
static void outline(const Eye *eye, double (*points)[POINTS][2], const Place *place, int32_t *loop)
{
    const double first[2] = {place->left + 0.5, place->top + 0.5};
    for (int lid = 0; lid < 2; lid++)
        for (int i = 0; i < eye->pieces; i++) {
            const double *shares = eye->smooth + (ptrdiff_t)i * POINTS;
            int32_t *out = loop + 2 * (lid ? 2 * (ptrdiff_t)eye->pieces - 1 - i : i);
            for (int k = 0; k < 2; k++) {
                double sum = -first[k];
                for (int j = 0; j < POINTS; j++)
                    sum += shares[j] * points[lid][j][k];
                out[k] = (int32_t)rint(16.0 * fmax(fmin(sum, 2 * FARTHEST), -2 * FARTHEST));
            }
        }
}

/* Take the margins' landmarks, and find the window; return 0 where nothing of the eye is seen. */
static int find_window(const Eye *eye, const double *landmarks, const double *turn, int32_t height,
                       int32_t width, double (*points)[POINTS][2], Place *place)
{
    double low[2] = {FARTHEST, FARTHEST}, high[2] = {-FARTHEST, -FARTHEST};
    for (int lid = 0; lid < 2; lid++)
        for (int k = 0; k < POINTS; k++)
            for (int i = 0; i < 2; i++) {
                const double *row = turn + 2 * i, *reach = eye->reach[lid][k];
                const double at = landmarks[3 * (ptrdiff_t)eye->landmarks[lid][k] + i];
                const double end = at + row[0] * reach[0] + row[1] * reach[1];
                if (!(fabs(at) < FARTHEST && fabs(end) < FARTHEST)) /* NaN too */
                    return 0;
                points[lid][k][i] = at;
                low[i] = fmin(low[i], end);
                high[i] = fmax(high[i], end);
            }
    const int32_t right = (int32_t)fmin(ceil(high[0] + 2.0), width);
    const int32_t bottom = (int32_t)fmin(ceil(high[1] + 2.0), height);
    place->left = (int32_t)fmax(floor(low[0] - 2.0), 0.0);
    place->top = (int32_t)fmax(floor(low[1] - 2.0), 0.0);
    place->width = right - place->left;
    place->height = bottom - place->top;
    return place->width >= 2 && place->height >= 2;
}

/* Return the opening's height. */
static double gap_of(double (*points)[POINTS][2])
{
    double widest = 0.0;
    for (int k = 0; k < POINTS; k++)
        widest = fmax(widest, hypot(points[0][k][0] - points[1][k][0],
                                    points[0][k][1] - points[1][k][1]));
    return widest;
}

/* Find where an eye is in a picture; see `EyeShape.find`. Return 0 where nothing of it is seen.
 *
 * landmarks: (N, 3); turn: (2, 2), from the portrait's axes to the picture's; scale: of the head;
 * height, width: of the picture; loop: (2 pieces, 2), the opening's outline in the window, along
 * the upper margin and back along the lower one, in sixteenths of a pixel.
 */
EXPORT int32_t avatarify_place_eye(const Eye *eye, const double *landmarks, const double *turn,
                                   double scale, int32_t height, int32_t width, Place *place,
                                   int32_t *loop)
{
    double points[2][POINTS][2], moved[POINTS][2], middle[2], shift[2], iris_shift[2];
    if (!find_window(eye, landmarks, turn, height, width, points, place))
        return 0;
    const double whole = turn[0] * turn[3] - turn[1] * turn[2];
    const double back[4] = {turn[3] / whole, -turn[1] / whole, -turn[2] / whole, turn[0] / whole};
    for (int i = 0; i < 2; i++) {
        const double *row = turn + 2 * i, first = (i ? place->top : place->left) + 0.5;
        const double iris = landmarks[3 * (ptrdiff_t)eye->iris_landmark + i];
        middle[i] = (points[0][0][i] + points[0][POINTS - 1][i]) / 2.0;
        shift[i] = middle[i] - first + row[0] * eye->to_patch[0] + row[1] * eye->to_patch[1];
        iris_shift[i] = iris - first + row[0] * eye->to_iris[0] + row[1] * eye->to_iris[1];
    }
    for (int i = 0; i < 2; i++) {
        const double *row = back + 2 * i;
        place->to_patch[3 * i] = (float)row[0];
        place->to_patch[3 * i + 1] = (float)row[1];
        place->to_patch[3 * i + 2] = (float)(-row[0] * shift[0] - row[1] * shift[1]);
        place->to_iris[i] = (float)(row[0] * (shift[0] - iris_shift[0]) +
                                    row[1] * (shift[1] - iris_shift[1]));
    }
    for (int lid = 0; lid < 2; lid++) {
        for (int k = 0; k < POINTS; k++) {
            const double x = points[lid][k][0] - middle[0], y = points[lid][k][1] - middle[1];
            for (int i = 0; i < 2; i++)
                moved[k][i] = back[2 * i] * x + back[2 * i + 1] * y + eye->middle[i];
        }
        find_ways(eye, lid, moved, place->ways[lid]);
    }
    place->openness = (float)fmin(gap_of(points) / (eye->gap * scale), 1.0);
    place->thinness = (float)fmax(1.0 - place->openness / eye->thin_gap, 0.0);
    outline(eye, points, place, loop);
    return 1;
}
