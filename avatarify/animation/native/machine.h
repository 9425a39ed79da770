/* What compilers and processors call things, and whether they have them. */

#ifndef AVATARIFY_MACHINE_H
#define AVATARIFY_MACHINE_H

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

#if (defined(__SSE2__) || defined(_M_X64)) && !defined(WITHOUT_SSE2)
#include <emmintrin.h>
#define HAS_SSE2 1
#if defined(__x86_64__) && defined(__GNUC__) && !defined(WITHOUT_AVX2)
#include <immintrin.h>
#define MAY_HAVE_AVX2 1 /* the compiler knows it; the processor is asked */
#define WITH_AVX2 __attribute__((target("avx2")))
#endif
#endif

#endif
