/* Paints a moved person: what `processor_painter.py` does with OpenCV, in one go over the pixels.
 *
 * Compiled where a C compiler is (see build.py), called through ctypes, and tried against OpenCV's
 * picture before it is used. Plain C99 without any library but libc and libm, and faster ways for
 * x86 beside it; tests build it WITHOUT_AVX2 and WITHOUT_SSE2 too. No function keeps anything, and
 * none of them reads or writes beyond the sizes that it is told. Grids and pictures lie row by row.
 */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "machine.h"

#ifndef SOURCE_DIGEST
#define SOURCE_DIGEST 0
#endif

/* Of the source that this was compiled from, so that no other one's arguments are given to it. */
EXPORT int32_t avatarify_native_digest(void) { return SOURCE_DIGEST; }

#ifdef MAY_HAVE_AVX2
static int has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
}
#endif

static int clamped(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static float smaller(float a, float b) { return a < b ? a : b; }
static float larger(float a, float b) { return a > b ? a : b; }

/* How far along a row an edge from (ax, ay) to (bx, by) reaches, between two heights. */
static void widen(float ax, float ay, float bx, float by, float low, float high, float *left,
                  float *right)
{
    float top = larger(smaller(ay, by), low), bottom = smaller(larger(ay, by), high);
    if (top > bottom)
        return;
    float slope = by != ay ? (bx - ax) / (by - ay) : 0.0f;
    float first = by != ay ? ax + slope * (top - ay) : ax;
    float last = by != ay ? ax + slope * (bottom - ay) : bx;
    *left = smaller(*left, smaller(first, last));
    *right = larger(*right, larger(first, last));
}

/* Twice the area in the picture of which a triangle covers anything worth drawing. */
static int has_area(const double *c, double smallest)
{
    const double area = (c[3] - c[0]) * (c[7] - c[1]) - (c[6] - c[0]) * (c[4] - c[1]);
    return fabs(area) > smallest;
}

typedef struct {
    double depth;
    int64_t number;
} Drawn;

/* Sort far to near, equal ones as they come; returns where the result lies. */
static Drawn *far_to_near(Drawn *list, Drawn *other, int count)
{
    for (int run = 1; run < count; run *= 2) {
        for (int begin = 0; begin < count; begin += 2 * run) {
            const int middle = clamped(begin + run, 0, count);
            const int end = clamped(begin + 2 * run, 0, count);
            int one = begin, two = middle;
            for (int k = begin; k < end; k++)
                other[k] = two >= end || (one < middle && !(list[two].depth > list[one].depth))
                               ? list[one++]
                               : list[two++];
        }
        Drawn *swapped = list;
        list = other;
        other = swapped;
    }
    return list;
}

/* Draw one triangle's number into a grid. c: (3, 2), columns and rows of it.
 *
 * It reaches a little beyond its edges, as OpenCV draws it, so that no crack is left between two.
 */
static void draw_triangle(const float *c, int32_t number, int32_t *label, int height, int width)
{
    const float reach = 0.375f;
    float low = smaller(smaller(c[1], c[3]), c[5]), high = larger(larger(c[1], c[3]), c[5]);
    if (!(high > -1.0f) || !(low < (float)height)) /* NaN too */
        return;
    int begin = (int)ceilf(larger(low - reach, 0.0f));
    int end = (int)floorf(smaller(high + reach, (float)(height - 1)));
    for (int y = begin; y <= end; y++) {
        float left = 1e9f, right = -1e9f;
        float from = (float)y - reach, to = (float)y + reach;
        widen(c[0], c[1], c[2], c[3], from, to, &left, &right);
        widen(c[2], c[3], c[4], c[5], from, to, &left, &right);
        widen(c[4], c[5], c[0], c[1], from, to, &left, &right);
        if (!(right > -1.0f) || !(left < (float)width))
            continue;
        int first = (int)ceilf(larger(left - reach, 0.0f));
        int last = (int)floorf(smaller(right + reach, (float)(width - 1)));
        int32_t *row = label + (ptrdiff_t)y * width;
        for (int x = first; x <= last; x++)
            row[x] = number;
    }
}

/* Draw numbers of triangles into a grid, far to near.
 *
 * corners: (T, 3, 3), in the picture, x and y and depth, less is nearer; smallest: half the size of
 * triangles that are not drawn; (left, top): the grid's corner; step: between two of its points;
 * label: (h, w), -1 where there is none; lists: 2 T entries to work with.
 */
EXPORT void avatarify_draw_labels(const double *corners, int32_t count, double smallest,
                                  double left, double top, double step, int32_t *label,
                                  int32_t height, int32_t width, Drawn *lists)
{
    for (ptrdiff_t i = 0; i < (ptrdiff_t)height * width; i++)
        label[i] = -1;
    int drawn = 0;
    for (int32_t i = 0; i < count; i++) {
        const double *c = corners + 9 * (ptrdiff_t)i;
        if (has_area(c, smallest))
            lists[drawn++] = (Drawn){c[2] + c[5] + c[8], i};
    }
    const Drawn *order = far_to_near(lists, lists + drawn, drawn);
    for (int k = 0; k < drawn; k++) {
        const double *c = corners + 9 * (ptrdiff_t)order[k].number;
        float grid[6];
        for (int i = 0; i < 3; i++) {
            grid[2 * i] = (float)((c[3 * i] - left) / step - 0.5);
            grid[2 * i + 1] = (float)((c[3 * i + 1] - top) / step - 0.5);
        }
        draw_triangle(grid, (int32_t)order[k].number, label, height, width);
    }
}

/* Find the affine map of each triangle, from the picture back to the portrait.
 *
 * source: (T, 3, 2); corners: (T, 3, 3); smallest: as above, those get the map to their first
 * corner; maps: (T, 6).
 */
EXPORT void avatarify_affine_maps(const double *source, const double *corners, int32_t count,
                                  double smallest, float *maps)
{
    for (int32_t i = 0; i < count; i++) {
        const double *s = source + 6 * (ptrdiff_t)i, *c = corners + 9 * (ptrdiff_t)i;
        const double first_x = c[3] - c[0], first_y = c[4] - c[1];
        const double second_x = c[6] - c[0], second_y = c[7] - c[1];
        const double area = first_x * second_y - first_y * second_x;
        const double inverse = fabs(area) > smallest ? 1.0 / area : 0.0;
        float *m = maps + 6 * (ptrdiff_t)i;
        for (int k = 0; k < 2; k++) {
            const double to_first = s[2 + k] - s[k], to_second = s[4 + k] - s[k];
            const double along_x = (to_first * second_y - to_second * first_y) * inverse;
            const double along_y = (to_second * first_x - to_first * second_x) * inverse;
            m[3 * k] = (float)along_x;
            m[3 * k + 1] = (float)along_y;
            m[3 * k + 2] = (float)(s[k] - (along_x * c[0] + along_y * c[1]));
        }
    }
}

/* Look where each point of a grid goes by the map of its triangle.
 *
 * maps: (T, 6), from the picture; (left, top): the grid's corner in it; step: between two of its
 * points; shift: added to x and y of every place; table: (T, 6) to work with; hidden: (h, w), not
 * 0 where it looks at `nowhere` instead, or NULL; places: (h, w, 2). Returns how many points have no
 * triangle; their places stay as they are.
 */
EXPORT int32_t avatarify_look_up(const float *maps, int32_t count, double left, double top,
                                 double step, double shift, float *table, const int32_t *label,
                                 const uint8_t *hidden, float nowhere, float *places,
                                 int32_t height, int32_t width)
{
    for (ptrdiff_t i = 0; i < 6 * (ptrdiff_t)count; i += 3) {
        const double x = maps[i], y = maps[i + 1];
        table[i] = (float)(x * step);
        table[i + 1] = (float)(y * step);
        table[i + 2] = (float)(maps[i + 2] + shift + x * (left + step / 2) + y * (top + step / 2));
    }
    int32_t cracks = 0;
    for (int y = 0; y < height; y++) {
        const int32_t *numbers = label + (ptrdiff_t)y * width;
        float *place = places + 2 * (ptrdiff_t)y * width;
        for (int x = 0; x < width; x++) {
            if (numbers[x] < 0) {
                cracks++;
                continue;
            }
            const float *m = table + 6 * (ptrdiff_t)numbers[x];
            place[2 * x] = m[0] * (float)x + m[1] * (float)y + m[2];
            place[2 * x + 1] = m[3] * (float)x + m[4] * (float)y + m[5];
        }
        for (int x = 0; hidden && x < width; x++)
            if (hidden[(ptrdiff_t)y * width + x])
                place[2 * x] = place[2 * x + 1] = nowhere;
    }
    return cracks;
}

static int is_far(const float *one, const float *other, float tear)
{
    return (fabsf(one[0] - other[0]) > tear) | (fabsf(one[1] - other[1]) > tear);
}

/* Mark points whose right or lower neighbour looks far away, of a row, from `x` on. */
static int32_t mark_from(int x, const float *here, const float *below, uint8_t *mark, int width,
                         float tear)
{
    int32_t any = 0;
    for (; x < width; x++) {
        const int right = x + 1 < width ? x + 1 : x;
        mark[x] = (uint8_t)(is_far(here + 2 * x, here + 2 * right, tear) |
                            is_far(here + 2 * x, below + 2 * x, tear));
        any |= mark[x];
    }
    return any;
}

#ifdef MAY_HAVE_AVX2
/* Four points at once; few of them are torn. */
WITH_AVX2 static int32_t mark_tears_avx2(const float *here, const float *below, uint8_t *mark,
                                         int width, float tear)
{
    const __m256 no_sign = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
    const __m256 limit = _mm256_set1_ps(tear);
    int32_t any = 0;
    int x = 0;
    for (; x + 4 < width; x += 4) {
        const __m256 own = _mm256_loadu_ps(here + 2 * x);
        const __m256 across = _mm256_sub_ps(own, _mm256_loadu_ps(here + 2 * x + 2));
        const __m256 down = _mm256_sub_ps(own, _mm256_loadu_ps(below + 2 * x));
        const __m256 most =
            _mm256_max_ps(_mm256_and_ps(across, no_sign), _mm256_and_ps(down, no_sign));
        const int bits = _mm256_movemask_ps(_mm256_cmp_ps(most, limit, _CMP_GT_OQ));
        for (int k = 0; k < 4; k++)
            mark[x + k] = (bits >> 2 * k & 3) != 0;
        any |= bits;
    }
    return any | mark_from(x, here, below, mark, width, tear);
}
#endif

static int32_t mark_tears(const float *here, const float *below, uint8_t *mark, int width,
                          float tear)
{
#ifdef MAY_HAVE_AVX2
    if (has_avx2())
        return mark_tears_avx2(here, below, mark, width, tear);
#endif
    return mark_from(0, here, below, mark, width, tear);
}

/* Smooth a flow by a 3 x 3 kernel, and mark where its right or lower neighbour looks far away.
 *
 * places: (h, w, 2); side: the kernel's outer taps, its middle is 1 - 2 side; torn: (h, w), 1
 * there; line: 2 w + 4 numbers to work with. Returns whether anything is torn.
 */
static int32_t smooth_flow(const float *places, float *smooth, uint8_t *torn, int32_t height,
                           int32_t width, float side, float tear, float *line)
{
    const float middle = 1.0f - 2.0f * side;
    const ptrdiff_t stride = 2 * (ptrdiff_t)width;
    float *down = line + 2; /* a row, smoothed from above and below, one more point on each side */
    int32_t any = 0;
    for (int y = 0; y < height; y++) {
        const float *here = places + y * stride;
        const float *above = y > 0 ? here - stride : here;
        const float *below = y + 1 < height ? here + stride : here;
        float *out = smooth + y * stride;
        for (ptrdiff_t i = 0; i < stride; i++)
            down[i] = middle * here[i] + side * (above[i] + below[i]);
        for (int k = 0; k < 2; k++) {
            down[k - 2] = down[k];
            down[stride + k] = down[stride - 2 + k];
        }
        for (ptrdiff_t i = 0; i < stride; i++)
            out[i] = middle * down[i] + side * (down[i - 2] + down[i + 2]);
        any |= mark_tears(here, below, torn + (ptrdiff_t)y * width, width, tear);
    }
    return any;
}

static uint32_t pixel_at(const uint8_t *pixel)
{
    uint32_t value;
    memcpy(&value, pixel, 4);
    return value;
}

#ifndef HAS_SSE2
/* Give each of four bytes two of eight. */
static uint64_t spread(uint32_t pixel)
{
    uint64_t wide = pixel;
    wide = (wide | wide << 16) & 0x0000ffff0000ffffull;
    return (wide | wide << 8) & 0x00ff00ff00ff00ffull;
}
#endif

/* Mix four pixels RGBA, two beside each other in each of two rows; shares are of 256. */
static inline uint32_t mixed(const uint8_t *upper, const uint8_t *lower, int right, int down)
{
#ifdef HAS_SSE2
    const __m128i zero = _mm_setzero_si128();
    const __m128i top = _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)upper), zero);
    const __m128i bottom = _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)lower), zero);
    const __m128i below = _mm_set1_epi16((short)down);
    const __m128i above = _mm_sub_epi16(_mm_set1_epi16(256), below);
    __m128i both = _mm_add_epi16(_mm_mullo_epi16(top, above), _mm_mullo_epi16(bottom, below));
    both = _mm_srli_epi16(both, 1); /* 15 bits: positive also to what comes */
    both = _mm_unpacklo_epi16(both, _mm_srli_si128(both, 8));
    __m128i sum = _mm_madd_epi16(both, _mm_set1_epi32(right << 16 | (256 - right)));
    sum = _mm_srli_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 14)), 15);
    sum = _mm_packs_epi32(sum, sum);
    return (uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
#else
    const int both = right * down / 256;
    uint64_t sum = spread(pixel_at(upper)) * (uint64_t)(256 - right - down + both) +
                   spread(pixel_at(upper + 4)) * (uint64_t)(right - both) +
                   spread(pixel_at(lower)) * (uint64_t)(down - both) +
                   spread(pixel_at(lower + 4)) * (uint64_t)both + 0x0080008000800080ull;
    sum = sum >> 8 & 0x00ff00ff00ff00ffull;
    sum = (sum | sum >> 8) & 0x0000ffff0000ffffull;
    return (uint32_t)(sum | sum >> 16);
#endif
}

typedef struct {
    const uint8_t *pixels;
    int height, width;
    const uint8_t *occupied; /* for each 16 x 16 pixels whether there is anything, or NULL */
    int blocks;              /* of them in a row */
} Picture;

/* Mix pixels at the edge, beyond which there is nothing. */
static uint32_t mixed_at_edge(const Picture *picture, int left, int top, int right, int down)
{
    uint8_t near_by[2][8] = {{0}, {0}};
    for (int j = 0; j < 2; j++)
        for (int i = 0; i < 2; i++) {
            const int x = left + i, y = top + j;
            if (x >= 0 && x < picture->width && y >= 0 && y < picture->height)
                memcpy(near_by[j] + 4 * i,
                       picture->pixels + 4 * ((ptrdiff_t)y * picture->width + x), 4);
        }
    return mixed(near_by[0], near_by[1], right, down);
}

/* Return a place as a fixed-point number with 8 bits behind the point; far away is just outside. */
static inline int32_t fixed(float place)
{
    const float shifted = (place + 16.0f) * 256.0f + 0.5f;
    return (int32_t)larger(smaller(shifted, 1e9f), 0.0f) - 16 * 256; /* NaN goes far away too */
}

/* Return as such numbers where two pixels beside each other look, x and y of both.
 *
 * here: x and y of the flow's point that they share; its neighbours lie two numbers beside it.
 */
static inline void pair(const float *here, int32_t *at)
{
#ifdef HAS_SSE2
    __m128 own = _mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)here);
    __m128 beside = _mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)(here - 2));
    own = _mm_movelh_ps(own, own);
    beside = _mm_loadh_pi(beside, (const __m64 *)(here + 2));
    __m128 place = _mm_add_ps(own, _mm_mul_ps(_mm_set1_ps(0.25f), _mm_sub_ps(beside, own)));
    place = _mm_mul_ps(_mm_add_ps(place, _mm_set1_ps(16.0f)), _mm_set1_ps(256.0f));
    place = _mm_add_ps(place, _mm_set1_ps(0.5f));
    place = _mm_max_ps(_mm_min_ps(place, _mm_set1_ps(1e9f)), _mm_setzero_ps());
    _mm_storeu_si128((__m128i *)at, _mm_sub_epi32(_mm_cvttps_epi32(place), _mm_set1_epi32(4096)));
#else
    for (int k = 0; k < 2; k++) {
        at[k] = fixed(here[k] + 0.25f * (here[k - 2] - here[k]));
        at[2 + k] = fixed(here[k] + 0.25f * (here[k + 2] - here[k]));
    }
#endif
}

static void pairs(const float *grid, int width, int32_t *at)
{
    for (int x = 0; x < width; x++)
        pair(grid + 2 * x, at + 4 * x);
}

#ifdef MAY_HAVE_AVX2
WITH_AVX2 static inline __m256i fixed_between(__m256 own, __m256 beside)
{
    __m256 place = _mm256_add_ps(
        own, _mm256_mul_ps(_mm256_set1_ps(0.25f), _mm256_sub_ps(beside, own)));
    place = _mm256_mul_ps(_mm256_add_ps(place, _mm256_set1_ps(16.0f)), _mm256_set1_ps(256.0f));
    place = _mm256_add_ps(place, _mm256_set1_ps(0.5f));
    place = _mm256_max_ps(_mm256_min_ps(place, _mm256_set1_ps(1e9f)), _mm256_setzero_ps());
    return _mm256_sub_epi32(_mm256_cvttps_epi32(place), _mm256_set1_epi32(4096));
}

/* What `pairs` does, four points at once. */
WITH_AVX2 static void pairs_avx2(const float *grid, int width, int32_t *at)
{
    int x = 0;
    for (; x + 4 <= width; x += 4) {
        const float *here = grid + 2 * x;
        const __m256 own = _mm256_loadu_ps(here);
        const __m256i left = fixed_between(own, _mm256_loadu_ps(here - 2));
        const __m256i right = fixed_between(own, _mm256_loadu_ps(here + 2));
        const __m256i even = _mm256_unpacklo_epi64(left, right);
        const __m256i odd = _mm256_unpackhi_epi64(left, right);
        __m256i *out = (__m256i *)(at + 4 * x);
        _mm256_storeu_si256(out, _mm256_permute2x128_si256(even, odd, 0x20));
        _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(even, odd, 0x31));
    }
    pairs(grid + 2 * x, width - x, at + 4 * x);
}
#endif

/* Return what a picture shows between its pixels' centres, at fixed-point places. */
static inline uint32_t sampled(const Picture *picture, int32_t x, int32_t y)
{
    const int left = x >> 8, top = y >> 8;
    if ((unsigned)left < (unsigned)(picture->width - 1) &&
        (unsigned)top < (unsigned)(picture->height - 1)) {
        if (picture->occupied && !picture->occupied[(top >> 4) * picture->blocks + (left >> 4)])
            return 0;
        const ptrdiff_t stride = 4 * (ptrdiff_t)picture->width;
        const uint8_t *upper = picture->pixels + top * stride + 4 * (ptrdiff_t)left;
        return mixed(upper, upper + stride, x & 255, y & 255);
    }
    if (left < -1 || top < -1 || left >= picture->width || top >= picture->height)
        return 0;
    return mixed_at_edge(picture, left, top, x & 255, y & 255);
}

static void sample_row(const Picture *picture, const int32_t *place, int columns, uint8_t *out)
{
    for (int column = 0; column < columns; column++) {
        const uint32_t pixel = sampled(picture, place[2 * column], place[2 * column + 1]);
        memcpy(out + 4 * (ptrdiff_t)column, &pixel, 4);
    }
}

#ifdef MAY_HAVE_AVX2
/* Return two pixels' four neighbours each, the upper two and the lower two. Loads, not gathers:
 * these are slow on processors that guard against leaks from them. */
WITH_AVX2 static inline __m256i neighbours(const uint8_t *one, const uint8_t *other,
                                           ptrdiff_t stride)
{
    const __m128i low = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)one),
                                           _mm_loadl_epi64((const __m128i *)(one + stride)));
    const __m128i high = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)other),
                                            _mm_loadl_epi64((const __m128i *)(other + stride)));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/* Mix two pixels of their neighbours, first across, then down; shares are of 128. Four int32 each.
 *
 * Colours are taken less 128: the multiplication wants one factor with a sign, and shares of 128
 * have no room for one.
 */
WITH_AVX2 static inline __m256i mixed_two(__m256i four, __m256i across, __m256i down)
{
    const __m256i beside = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15));
    four = _mm256_xor_si256(_mm256_shuffle_epi8(four, beside), _mm256_set1_epi8((char)0x80));
    const __m256i rows = _mm256_maddubs_epi16(across, four);
    const __m256i both = _mm256_unpacklo_epi16(rows, _mm256_srli_si256(rows, 8));
    const __m256i sum = _mm256_madd_epi16(both, down);
    return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32((1 << 21) + (1 << 13))), 14);
}

/* Mix four pixels: 16 int16, of the first, second, third and fourth one.
 *
 * at: where their upper left neighbours lie, in bytes; across, down: shares as `mixed_two` wants
 * them, of the first two and of the last two.
 */
WITH_AVX2 static inline __m256i mixed_four(const uint8_t *pixels, ptrdiff_t stride, __m128i at,
                                           __m256i across, __m256i down)
{
    const uint64_t first = (uint64_t)_mm_cvtsi128_si64(at);
    const uint64_t last = (uint64_t)_mm_extract_epi64(at, 1);
    const uint8_t *one = pixels + (uint32_t)first, *two = pixels + (first >> 32);
    const uint8_t *three = pixels + (uint32_t)last, *four = pixels + (last >> 32);
    const __m256i even =
        mixed_two(neighbours(one, three, stride), _mm256_shuffle_epi32(across, 0x00),
                  _mm256_shuffle_epi32(down, 0x00));
    const __m256i odd =
        mixed_two(neighbours(two, four, stride), _mm256_shuffle_epi32(across, 0x55),
                  _mm256_shuffle_epi32(down, 0x55));
    return _mm256_packs_epi32(even, odd);
}

/* What `sample_row` does, eight pixels at once where all of them lie in the picture. */
WITH_AVX2 static void sample_row_avx2(const Picture *picture, const int32_t *place, int columns,
                                      uint8_t *out)
{
    const ptrdiff_t stride = 4 * (ptrdiff_t)picture->width;
    const __m256i width = _mm256_set1_epi32(picture->width - 1);
    const __m256i height = _mm256_set1_epi32(picture->height - 1);
    const __m256i bytes_down = _mm256_set1_epi32((int)stride);
    const __m256i none = _mm256_set1_epi32(-1), all = _mm256_set1_epi32(128);
    int column = 0;
    for (; column + 8 <= columns; column += 8, place += 16, out += 32) {
        const __m256 first = _mm256_loadu_ps((const float *)place);
        const __m256 second = _mm256_loadu_ps((const float *)(place + 8));
        __m256i x = _mm256_castps_si256(_mm256_shuffle_ps(first, second, 0x88));
        __m256i y = _mm256_castps_si256(_mm256_shuffle_ps(first, second, 0xdd));
        x = _mm256_permute4x64_epi64(x, 0xd8);
        y = _mm256_permute4x64_epi64(y, 0xd8);
        const __m256i left = _mm256_srai_epi32(x, 8), top = _mm256_srai_epi32(y, 8);
        const __m256i is_right_of = _mm256_and_si256(_mm256_cmpgt_epi32(left, none),
                                                     _mm256_cmpgt_epi32(top, none));
        const __m256i is_left_of = _mm256_and_si256(_mm256_cmpgt_epi32(width, left),
                                                    _mm256_cmpgt_epi32(height, top));
        if (_mm256_movemask_epi8(_mm256_and_si256(is_right_of, is_left_of)) != -1) {
            sample_row(picture, place, 8, out);
            continue;
        }
        const __m256i block = _mm256_add_epi32(
            _mm256_mullo_epi32(_mm256_srli_epi32(top, 4), _mm256_set1_epi32(picture->blocks)),
            _mm256_srli_epi32(left, 4));
        const int of_first = _mm256_cvtsi256_si32(block);
        const __m256i is_same = _mm256_cmpeq_epi32(block, _mm256_set1_epi32(of_first));
        if (_mm256_movemask_epi8(is_same) == -1 && !picture->occupied[of_first]) {
            _mm256_storeu_si256((__m256i *)out, _mm256_setzero_si256());
            continue;
        }
        const __m256i part = _mm256_set1_epi32(127);
        const __m256i right = _mm256_and_si256(_mm256_srli_epi32(x, 1), part);
        const __m256i below = _mm256_and_si256(_mm256_srli_epi32(y, 1), part);
        __m256i across = _mm256_or_si256(_mm256_sub_epi32(all, right), _mm256_slli_epi32(right, 8));
        across = _mm256_or_si256(across, _mm256_slli_epi32(across, 16));
        const __m256i down =
            _mm256_or_si256(_mm256_sub_epi32(all, below), _mm256_slli_epi32(below, 16));
        const __m256i at = _mm256_add_epi32(_mm256_mullo_epi32(top, bytes_down),
                                            _mm256_slli_epi32(left, 2));
        const __m256i low = mixed_four(picture->pixels, stride, _mm256_castsi256_si128(at),
                                       _mm256_permute4x64_epi64(across, 0x50),
                                       _mm256_permute4x64_epi64(down, 0x50));
        const __m256i high = mixed_four(picture->pixels, stride, _mm256_extracti128_si256(at, 1),
                                        _mm256_permute4x64_epi64(across, 0xfa),
                                        _mm256_permute4x64_epi64(down, 0xfa));
        const __m256i eight = _mm256_packus_epi16(low, high);
        _mm256_storeu_si256((__m256i *)out, _mm256_permute4x64_epi64(eight, 0xd8));
    }
    sample_row(picture, place, columns - column, out);
}
#endif

/* Triangles drawn into a grid of 2 x 2 pixels: a front, and what it uncovers where it goes away. */
typedef struct {
    const int32_t *label;   /* (h, w), numbers of triangles, -1 for none */
    const double *corners;  /* (T, 3, 3), in the picture, x and y and depth, less is nearer */
    const float *maps;      /* (T, 6), from the picture */
    const uint8_t *hidden;  /* (h, w), not 0 where nothing is seen, or NULL */
    double left, top;       /* the grid's corner in the picture */
    float nowhere;          /* where they look that see nothing */
    int32_t front_count;    /* the first triangles are the front's */
} Surfaces;

/* Whether a place lies in a triangle, either way around. */
static int contains(const double *c, double x, double y)
{
    const double one = (c[3] - c[0]) * (y - c[1]) - (c[4] - c[1]) * (x - c[0]);
    const double two = (c[6] - c[3]) * (y - c[4]) - (c[7] - c[4]) * (x - c[3]);
    const double three = (c[0] - c[6]) * (y - c[7]) - (c[1] - c[7]) * (x - c[6]);
    return (one >= 0 && two >= 0 && three >= 0) || (one <= 0 && two <= 0 && three <= 0);
}

/* Whether a triangle lies over all four pixels of a cell. */
static int contains_cell(const Surfaces *surfaces, int32_t number, int column, int row)
{
    const double *c = surfaces->corners + 9 * (ptrdiff_t)number;
    const double x = surfaces->left + 2 * column + 0.5, y = surfaces->top + 2 * row + 0.5;
    return contains(c, x, y) && contains(c, x + 1, y) && contains(c, x, y + 1) &&
           contains(c, x + 1, y + 1);
}

/* Return the nearest of some triangles that a place lies in, the last one of equally near ones;
 * `own` if it lies in none. */
static int32_t holding(const Surfaces *surfaces, const int32_t *numbers, int count, int32_t own,
                       double x, double y)
{
    int32_t found = own;
    double nearest = INFINITY;
    for (int i = 0; i < count; i++) {
        const double *c = surfaces->corners + 9 * (ptrdiff_t)numbers[i];
        const double depth = c[2] + c[5] + c[8];
        if ((depth < nearest || (depth == nearest && numbers[i] > found)) && contains(c, x, y)) {
            nearest = depth;
            found = numbers[i];
        }
    }
    return found;
}

/* Find where the four pixels of a cell look that lies beside a silhouette; see silhouette.py.
 *
 * column, row: of the cell; is_near: 3 where a silhouette runs beside it or through it, 2 where one
 * may, if its triangle does not fill it, else 0 or 1; place: where the cell
 * looks, for pixels of no triangle; at: as fixed-point numbers, x and y of each, row by row. Returns
 * whether one of them looks far away from there.
 */
static int find_four(const Surfaces *surfaces, int height, int width, int column, int row,
                     int is_near, const float *place, float tear, int32_t *at)
{
    const ptrdiff_t cell = (ptrdiff_t)row * width + column;
    const int32_t own = surfaces->label[cell];
    const uint8_t *hidden = surfaces->hidden;
    if (is_near == 2 && own >= 0 && contains_cell(surfaces, own, column, row))
        is_near = 0;
    int32_t numbers[9] = {own};
    int count = own >= 0, hides = hidden && hidden[cell];
    for (int j = -1; is_near > 1 && j < 2; j++) {
        const ptrdiff_t line = (ptrdiff_t)clamped(row + j, 0, height - 1) * width;
        for (int i = -1; i < 2; i++) {
            const ptrdiff_t beside = line + clamped(column + i, 0, width - 1);
            const int32_t number = surfaces->label[beside];
            int k = 0;
            while (k < count && numbers[k] != number)
                k++;
            if (k == count && number >= 0)
                numbers[count++] = number;
            if (hidden && own < surfaces->front_count)
                hides |= hidden[beside] != 0;
        }
    }
    int is_far_away = 0;
    for (int i = 0; i < 4; i++) {
        const double x = surfaces->left + 2 * column + i % 2 + 0.5;
        const double y = surfaces->top + 2 * row + i / 2 + 0.5;
        const int32_t number = count > 1 ? holding(surfaces, numbers, count, own, x, y) : own;
        float found[2] = {place[0], place[1]};
        if (number >= surfaces->front_count && hides)
            found[0] = found[1] = surfaces->nowhere;
        else if (number >= 0)
            for (int k = 0; k < 2; k++) {
                const float *m = surfaces->maps + 6 * (ptrdiff_t)number + 3 * k;
                found[k] = (float)(m[0] * x + m[1] * y + m[2]);
            }
        is_far_away |= is_far(found, place, tear);
        at[2 * i] = fixed(found[0]);
        at[2 * i + 1] = fixed(found[1]);
    }
    return is_far_away;
}

/* Warp a picture RGBA by a flow of a point for each 2 x 2 pixels.
 *
 * places, smooth: (h, w, 2), as they are and smoothed; rough: (h, w), not 0 where the flow must not
 * be smooth, as `find_four` wants it, or NULL; surfaces: what it was made from; crossed: (h, w), set
 * to 1 where a silhouette runs through a cell; warped: (rows, columns, 4), which begins at pixel
 * (left, top) of the flow and ends in it; line: 14 w + 8 numbers to work with.
 */
static void warp(const Picture *picture, const float *places, const float *smooth,
                 const uint8_t *rough, const Surfaces *surfaces, float tear, uint8_t *crossed,
                 int height, int width, int left, int top, uint8_t *warped, int rows, int columns,
                 float *line)
{
    const ptrdiff_t stride = 2 * (ptrdiff_t)width;
    int32_t *at = (int32_t *)(line + 2 * width + 4); /* of each pixel of a row, x and y */
    int32_t *four = at + 4 * width;                  /* of the pixels of cells beside silhouettes */
    float *grid = line + 2;                          /* of each point, and one more on each side */
    void (*place_pairs)(const float *, int, int32_t *) = pairs;
    void (*sample)(const Picture *, const int32_t *, int, uint8_t *) = sample_row;
#ifdef MAY_HAVE_AVX2
    if (has_avx2()) {
        place_pairs = pairs_avx2;
        sample = sample_row_avx2;
    }
#endif
    for (int row = 0; row < rows; row++) {
        const int y = row + top;
        const float *upper = smooth + clamped((y - 1) >> 1, 0, height - 1) * stride;
        const float *lower = smooth + clamped((y + 1) >> 1, 0, height - 1) * stride;
        const float down = y % 2 ? 0.25f : 0.75f;
        for (int k = 0; k < 2 * width; k++)
            grid[k] = upper[k] + down * (lower[k] - upper[k]);
        for (int k = 0; k < 2; k++) {
            grid[k - 2] = grid[k];
            grid[2 * width + k] = grid[2 * width - 2 + k];
        }
        place_pairs(grid, width, at);
        const ptrdiff_t first = (ptrdiff_t)(y / 2) * width;
        for (int x = 0; rough && x < width; x++) {
            if (!rough[first + x])
                continue;
            if (y % 2 == 0 || row == 0)
                crossed[first + x] =
                    (uint8_t)find_four(surfaces, height, width, x, y / 2, rough[first + x],
                                       places + 2 * (first + x), tear, four + 8 * x);
            memcpy(at + 4 * x, four + 8 * x + 4 * (y % 2), 4 * sizeof *at);
        }
        uint8_t *out = warped + 4 * (ptrdiff_t)row * columns;
        sample(picture, at + 2 * (ptrdiff_t)left, columns, out);
    }
}

static int mirrored(int at, int size)
{
    if (at < 0)
        at = -at;
    if (at >= size)
        at = 2 * size - 2 - at;
    return clamped(at, 0, size - 1);
}

/* Blur a pixel by 5 x 5 shares of 256 together; beyond the sides a row is mirrored. */
static void soft(const uint8_t *const *rows, int columns, int column, const uint16_t *shares,
                 uint8_t *out)
{
    uint32_t sum[4] = {128, 128, 128, 128};
    for (int j = 0; j < 5; j++)
        for (int i = -2; i <= 2; i++) {
            const uint8_t *pixel = rows[j] + 4 * (ptrdiff_t)mirrored(column + i, columns);
            for (int k = 0; k < 4; k++)
                sum[k] += (uint32_t)shares[5 * j + i + 2] * pixel[k];
        }
    for (int k = 0; k < 4; k++)
        out[k] = (uint8_t)(sum[k] >> 8);
}

#ifdef HAS_SSE2
/* The same of two pixels beside each other, which must not lie near a side. */
static void soft_two(const uint8_t *const *rows, int column, const uint16_t *shares, uint8_t *out)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i sum = _mm_set1_epi16(128);
    for (int j = 0; j < 5; j++)
        for (int i = 0; i < 5; i++) {
            const uint8_t *two = rows[j] + 4 * ((ptrdiff_t)column + i - 2);
            const __m128i wide = _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)two), zero);
            const __m128i share = _mm_set1_epi16((short)shares[5 * j + i]);
            sum = _mm_add_epi16(sum, _mm_mullo_epi16(wide, share));
        }
    sum = _mm_srli_epi16(sum, 8);
    _mm_storel_epi64((__m128i *)out, _mm_packus_epi16(sum, sum));
}
#endif

#ifdef MAY_HAVE_AVX2
/* The same of four pixels. */
WITH_AVX2 static void soft_four(const uint8_t *const *rows, int column, const uint16_t *shares,
                                uint8_t *out)
{
    __m256i sum = _mm256_set1_epi16(128);
    for (int j = 0; j < 5; j++)
        for (int i = 0; i < 5; i++) {
            const uint8_t *four = rows[j] + 4 * ((ptrdiff_t)column + i - 2);
            const __m256i wide = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)four));
            const __m256i share = _mm256_set1_epi16((short)shares[5 * j + i]);
            sum = _mm256_add_epi16(sum, _mm256_mullo_epi16(wide, share));
        }
    sum = _mm256_srli_epi16(sum, 8);
    const __m128i both =
        _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    _mm_storeu_si128((__m128i *)out, both);
}
#endif

/* Blur the marked pixels of a row, and none else.
 *
 * rows: it and the two above and below, as they were; mark: (w,), of every second pixel.
 */
static void soften_row(const uint8_t *const *rows, int columns, const uint8_t *mark, int width,
                       int left, const uint16_t *shares, uint8_t *out)
{
#ifdef MAY_HAVE_AVX2
    const int takes_four = has_avx2();
#endif
    for (int cell = left / 2; cell < width && 2 * cell - left < columns; cell++) {
        if (!mark[cell])
            continue;
        const int column = 2 * cell - left;
#ifdef MAY_HAVE_AVX2
        if (takes_four && cell + 1 < width && mark[cell + 1] && column >= 2 &&
            column + 6 <= columns) {
            soft_four(rows, column, shares, out + 4 * (ptrdiff_t)column);
            cell++;
            continue;
        }
#endif
#ifdef HAS_SSE2
        if (column >= 2 && column + 4 <= columns) {
            soft_two(rows, column, shares, out + 4 * (ptrdiff_t)column);
            continue;
        }
#endif
        for (int i = column; i < column + 2; i++)
            if (i >= 0 && i < columns)
                soft(rows, columns, i, shares, out + 4 * (ptrdiff_t)i);
    }
}

/* Blur the marked pixels of a picture RGBA; beyond its edges it is mirrored.
 *
 * marks: (h, w), for each 2 x 2 pixels, as the flow has them; shares: (5, 5), 256 together;
 * before: three rows of the picture to work with.
 */
static void soften(uint8_t *warped, int rows, int columns, const uint8_t *marks, int height,
                   int width, int left, int top, const uint16_t *shares, uint8_t *before)
{
    const ptrdiff_t stride = 4 * (ptrdiff_t)columns;
    for (int row = 0; row < rows; row++) {
        const uint8_t *mark = marks + (ptrdiff_t)clamped((row + top) / 2, 0, height - 1) * width;
        memcpy(before + row % 3 * stride, warped + row * stride, (size_t)stride);
        if (!memchr(mark, 1, (size_t)width))
            continue;
        const uint8_t *around[5];
        for (int j = 0; j < 5; j++) {
            const int at = mirrored(row + j - 2, rows);
            around[j] = at > row || at < row - 2 ? warped + at * stride : before + at % 3 * stride;
        }
        soften_row(around, columns, mark, width, left, shares, warped + row * stride);
    }
}

/* Mark by `value` what lies in a box around points marked 1, `before` them up to `behind` them. */
static void widen_marks(const uint8_t *marks, uint8_t *wide, int value, int height, int width,
                        int before, int behind)
{
    for (int y = 0; y < height; y++) {
        const uint8_t *row = marks + (ptrdiff_t)y * width;
        const uint8_t *found = row;
        while ((found = memchr(found, 1, (size_t)(row + width - found)))) {
            const int x = (int)(found++ - row);
            const int left = clamped(x - before, 0, x), right = clamped(x + behind, x, width - 1);
            const int last = clamped(y + behind, y, height - 1);
            for (int j = clamped(y - before, 0, y); j <= last; j++)
                memset(wide + (ptrdiff_t)j * width + left, value, (size_t)(right - left + 1));
        }
    }
}

/* Warp a picture RGBA by a flow of a point for each 2 x 2 pixels, whole and soft at silhouettes.
 *
 * occupied: for each 16 x 16 pixels of the picture, 0 where they and those beside them are empty;
 * places: (h, w, 2), made from label, hidden (or NULL), corners, maps, grid_left, grid_top, nowhere
 * and front_count, which are as `Surfaces` has them; side: outer taps of the flow's blur; tear: places
 * farther from one another are a silhouette; shares: (5, 5), the blur along these, 256 together;
 * warped: (rows, columns, 4), which begins at pixel (left, top) of the flow and ends in it. To work
 * with are smooth: (h, w, 2); marks: (4, h, w); line: 14 w + 8 numbers; before: three rows of `warped`.
 */
EXPORT void avatarify_warp(const uint8_t *pixels, int32_t picture_height, int32_t picture_width,
                           const uint8_t *occupied, const float *places, const int32_t *label,
                           const uint8_t *hidden, const double *corners, const float *maps,
                           double grid_left, double grid_top, float nowhere, int32_t front_count,
                           int32_t height, int32_t width, float side, float tear,
                           const uint16_t *shares, int32_t left, int32_t top, uint8_t *warped,
                           int32_t rows, int32_t columns, float *smooth, uint8_t *marks,
                           float *line, uint8_t *before)
{
    const Picture picture = {pixels, picture_height, picture_width, occupied,
                             (picture_width + 15) / 16};
    const Surfaces surfaces = {label,     corners,  maps,    hidden,
                               grid_left, grid_top, nowhere, front_count};
    const ptrdiff_t points = (ptrdiff_t)height * width;
    uint8_t *torn = marks, *rough = marks + points, *crossed = marks + 2 * points;
    uint8_t *beside = marks + 3 * points;
    const int32_t any = smooth_flow(places, smooth, torn, height, width, side, tear, line);
    if (any) {
        memset(rough, 0, 3 * (size_t)points);
        widen_marks(torn, rough, 1, height, width, 2, 2);
        widen_marks(torn, rough, 2, height, width, 1, 1);
        widen_marks(torn, rough, 3, height, width, 0, 1);
    }
    warp(&picture, places, smooth, any ? rough : NULL, &surfaces, tear, crossed, height, width, left,
         top, warped, rows, columns, line);
    if (any) {
        widen_marks(torn, beside, 1, height, width, 0, 1);
        widen_marks(crossed, beside, 1, height, width, 1, 1);
        soften(warped, rows, columns, beside, height, width, left, top, shares, before);
    }
}

static int shared(int value, int share) { return (value * share + 127) / 255; }

/* Whether a pixel of a picture RGBA and the next one are there and let nothing through. */
static int covers_two(const uint8_t *picture, int columns, int row, int column)
{
    if (column < 0 || column + 2 > columns)
        return 0;
    const uint8_t *pixel = picture + 4 * ((ptrdiff_t)row * columns + column);
    return (pixel[3] & pixel[7]) == 255;
}

/* Lay a picture RGBA under another one, where that lets it through.
 *
 * seen: (h, w), 255 where it may be seen, for each 2 x 2 pixels; map: (6,), from column and row of
 * `warped` into the picture.
 */
EXPORT void avatarify_lay_behind(uint8_t *warped, int32_t rows, int32_t columns,
                                 const uint8_t *seen, int32_t height, int32_t width, int32_t left,
                                 int32_t top, const uint8_t *pixels, int32_t picture_height,
                                 int32_t picture_width, const float *map)
{
    const Picture picture = {pixels, picture_height, picture_width, NULL, 0};
    for (int row = 0; row < rows; row++) {
        const uint8_t *cover = seen + (ptrdiff_t)clamped((row + top) / 2, 0, height - 1) * width;
        for (int cell = left / 2; cell < width && 2 * cell - left < columns; cell++) {
            if (!cover[cell] || covers_two(warped, columns, row, 2 * cell - left))
                continue;
            for (int column = 2 * cell - left; column < 2 * cell - left + 2; column++) {
                if (column < 0 || column >= columns)
                    continue;
                uint8_t *pixel = warped + 4 * ((ptrdiff_t)row * columns + column);
                if (pixel[3] == 255)
                    continue;
                const float x = map[0] * (float)column + map[1] * (float)row + map[2];
                const float y = map[3] * (float)column + map[4] * (float)row + map[5];
                const uint32_t back = sampled(&picture, fixed(x), fixed(y));
                const int through = clamped(255 - pixel[3], 0, cover[cell]);
                uint8_t colours[4];
                memcpy(colours, &back, 4);
                for (int k = 0; k < 4; k++)
                    pixel[k] = (uint8_t)clamped(pixel[k] + shared(colours[k], through), 0, 255);
            }
        }
    }
}

static void compose_row(const uint8_t *from, int columns, uint8_t *to)
{
    for (int column = 0; column < columns; column++, from += 4, to += 3) {
        const uint32_t whole = pixel_at(from);
        if (!whole)
            continue;
        const int through = 255 - from[3];
        if (!through) {
            to[0] = from[0];
            to[1] = from[1];
            to[2] = from[2];
            continue;
        }
        for (int k = 0; k < 3; k++)
            to[k] = (uint8_t)clamped(shared(to[k], through) + from[k], 0, 255);
    }
}

#ifdef MAY_HAVE_AVX2
/* What `compose_row` does, eight pixels at once where the person covers all of them, or none. */
WITH_AVX2 static void compose_row_avx2(const uint8_t *from, int columns, uint8_t *to)
{
    const __m256i colours = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    const __m256i alpha = _mm256_set1_epi32((int)0xff000000u);
    int column = 0;
    for (; column + 11 <= columns; column += 8, from += 32, to += 24) { /* 32 bytes are touched */
        const __m256i eight = _mm256_loadu_si256((const __m256i *)from);
        if (_mm256_testz_si256(eight, eight))
            continue;
        if (!_mm256_testc_si256(eight, alpha)) {
            compose_row(from, 8, to);
            continue;
        }
        const __m256i packed = _mm256_shuffle_epi8(eight, colours);
        const __m128i rest = _mm_loadl_epi64((const __m128i *)(to + 24));
        _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(packed));
        _mm_storeu_si128((__m128i *)(to + 12), _mm256_extracti128_si256(packed, 1));
        memcpy(to + 24, &rest, 4);
    }
    compose_row(from, columns - column, to);
}
#endif

/* Lay a person RGBA over a picture RGB, in place; colours are already multiplied by the matte.
 *
 * picture: the first pixel that the person covers; stride: bytes from a row of it to the next.
 */
EXPORT void avatarify_compose(const uint8_t *person, int32_t rows, int32_t columns,
                              uint8_t *picture, int32_t stride)
{
    void (*compose)(const uint8_t *, int, uint8_t *) = compose_row;
#ifdef MAY_HAVE_AVX2
    if (has_avx2())
        compose = compose_row_avx2;
#endif
    for (int row = 0; row < rows; row++)
        compose(person + 4 * (ptrdiff_t)row * columns, columns, picture + row * (ptrdiff_t)stride);
}
