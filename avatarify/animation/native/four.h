/* Four numbers at once: a colour and its cover, or two places. */

#ifndef AVATARIFY_FOUR_H
#define AVATARIFY_FOUR_H

#include <stdint.h>
#include <string.h>

#include "machine.h"

static inline float smaller(float a, float b) { return a < b ? a : b; }
static inline float larger(float a, float b) { return a > b ? a : b; } /* b if a is NaN */
static inline float limited(float value, float most) { return smaller(larger(value, 0.0f), most); }

#ifdef HAS_SSE2
typedef __m128 Four;
static inline Four four(const float *v) { return _mm_loadu_ps(v); }
static inline Four these(float a, float b, float c, float d) { return _mm_setr_ps(a, b, c, d); }
static inline Four all(float v) { return _mm_set1_ps(v); }
static inline Four plus(Four a, Four b) { return _mm_add_ps(a, b); }
static inline Four minus(Four a, Four b) { return _mm_sub_ps(a, b); }
static inline Four times(Four a, Four b) { return _mm_mul_ps(a, b); }
static inline Four within(Four a, Four most)
{
    return _mm_min_ps(_mm_max_ps(a, _mm_setzero_ps()), most); /* 0 for NaN */
}
static inline Four greater(Four a, Four b) { return _mm_max_ps(a, b); }
static inline Four bytes(const uint8_t *v)
{
    int32_t four;
    memcpy(&four, v, 4);
    const __m128i zero = _mm_setzero_si128();
    const __m128i wide = _mm_unpacklo_epi8(_mm_cvtsi32_si128(four), zero);
    return _mm_cvtepi32_ps(_mm_unpacklo_epi16(wide, zero));
}
static inline Four cover_of(Four a) { return _mm_shuffle_ps(a, a, _MM_SHUFFLE(3, 3, 3, 3)); }
static inline float last_of(Four a) { return _mm_cvtss_f32(cover_of(a)); }
static inline void whole(Four a, int32_t *out) /* without what is behind the point */
{
    _mm_storeu_si128((__m128i *)out, _mm_cvttps_epi32(a));
}
#else
typedef struct {
    float v[4];
} Four;
static inline Four four(const float *v) { return (Four){{v[0], v[1], v[2], v[3]}}; }
static inline Four these(float a, float b, float c, float d) { return (Four){{a, b, c, d}}; }
static inline Four all(float v) { return these(v, v, v, v); }
#define EACH(name, result)                                                                         \
    static inline Four name(Four a, Four b)                                                        \
    {                                                                                              \
        for (int k = 0; k < 4; k++)                                                                \
            a.v[k] = result;                                                                       \
        return a;                                                                                  \
    }
EACH(plus, a.v[k] + b.v[k])
EACH(minus, a.v[k] - b.v[k])
EACH(times, a.v[k] * b.v[k])
EACH(within, limited(a.v[k], b.v[k]))
EACH(greater, larger(a.v[k], b.v[k]))
static inline Four bytes(const uint8_t *v) { return these(v[0], v[1], v[2], v[3]); }
static inline Four cover_of(Four a) { return all(a.v[3]); }
static inline float last_of(Four a) { return a.v[3]; }
static inline void whole(Four a, int32_t *out)
{
    for (int k = 0; k < 4; k++)
        out[k] = (int32_t)a.v[k];
}
#endif

static inline Four between(Four a, Four b, Four share)
{
    return plus(a, times(share, minus(b, a)));
}

#endif
