/* Written by tools/coefficients.py: do not edit. */
#ifndef STABLEMATH_COEFFICIENTS_H
#define STABLEMATH_COEFFICIENTS_H

#include <stdint.h>

/* exp(r) = 1 + r + r^2 (c0 + c1 r + ...) on |r| <= ln 2 / 32, error 2^-65.2 */
static const double EXP_F64[6] = {
    0x1.0000000000004p-1, 0x1.5555555555559p-3, 0x1.555555547f587p-5, 0x1.111111108f718p-7,
    0x1.6c184184253abp-10, 0x1.a01b870a6212fp-13,
};

/* bits of 2^(j/16) less j << 48: adding k << 48 gives 2^(k/16) */
static const int64_t POWER_F64[16] = {
    0x3ff0000000000000, 0x3fefb5586cf9890f, 0x3fef72b83c7d517b, 0x3fef387a6e756238,
    0x3fef06fe0a31b715, 0x3feedea64c123422, 0x3feebfdad5362a27, 0x3feeab07dd485429,
    0x3feea09e667f3bcd, 0x3feea11473eb0187, 0x3feeace5422aa0db, 0x3feec49182a3f090,
    0x3feee89f995ad3ad, 0x3fef199bdd85529c, 0x3fef5818dcfba487, 0x3fefa4afa2a490da,
};

/* 2^(j/16) over its rounded value, less 1 */
static const double POWER_REST_F64[16] = {
    0x0.0p+0, 0x1.79aa65d837b6dp-54, -0x1.01b15eaa59348p-55, 0x1.68efde3a8a894p-54,
    0x1.34d754db0abb6p-55, 0x1.59f48a72a4c6dp-55, 0x1.690cebb7aafb0p-56, 0x1.063e1e21c5409p-54,
    -0x1.3b3efbf5e2228p-54, -0x1.b32dcb94da51dp-56, 0x1.db72fc1f0eab4p-55, 0x1.1affc2b91ce27p-56,
    0x1.c1a7792cb3387p-55, 0x1.36eae30af0cb3p-56, 0x1.4a385a63d07a7p-56, -0x1.ff7128fd391f0p-55,
};

/* exp(r) = 1 + r + r^2 (c0 + c1 r + ...) on |r| <= ln 2 / 16, error 2^-58.3 */
static const double SCALED_EXP_F64[6] = {
    0x1.000000000010fp-1, 0x1.555555555562bp-3, 0x1.55555547f5a2dp-5, 0x1.11111108f45cap-7,
    0x1.6c1cc1cb9810cp-10, 0x1.a02018348d521p-13,
};

/* bits of S 2^(j/8) less j << 49: adding k << 49 gives S 2^(k/8) */
static const int64_t SCALED_POWER_F64[8] = {
    0x3ff0ca1dc9248b2f, 0x3ff04f210dbff1a1, 0x3feff759bd5229d7, 0x3fefc5f7a09029b0,
    0x3fefbe7455e1d008, 0x3fefe49a0021deb1, 0x3ff03c8a9033fec4, 0x3ff0cac7b7745be0,
};

/* 1 / S; S = 1.049344812120306391763, for which all entries are within 2^-61.04 of exact */
#define UNSCALE0_F64 0x1.e7ec6ae7e9eb1p-1
#define UNSCALE1_F64 -0x1.75f7ed89f656ep-58

#define LN2_PART0_F64 0x1.62e42ff000000p-1
#define LN2_PART1_F64 -0x1.718432a1b0e26p-35
#define LN2_PART2_F64 -0x1.9ff0342542fc3p-90
#define LN2_FULL0_F64 0x1.62e42fefa39efp-1
#define LN2_FULL1_F64 0x1.abc9e3b39803fp-56
#define LOG2E_F64 0x1.71547652b82fep+0

/* log((1 + s) / (1 - s)) = 2 s + s^3 (c0 + c1 s^2 + ...),
   |s| <= (q - 1) / (q + 1), q = 2^0.5, relative error 2^-61.6 */
static const double LOG_F64[8] = {
    0x1.5555555555555p-1, 0x1.9999999999e06p-2, 0x1.249249242aaecp-2, 0x1.c71c7259aad4dp-3,
    0x1.745cddff3c423p-3, 0x1.3b20b4e51639cp-3, 0x1.0f5bf587fc134p-3, 0x1.0f6a9e411551ep-3,
};

/* log((1 + s) / (1 - s)) = 2 s + s^3 (c0 + c1 s^2 + ...),
   |s| <= (q - 1) / (q + 1), q = 2^0.5, relative error 2^-59.1 */
static const double LOG_SHORT_F64[7] = {
    0x1.5555555555593p-1, 0x1.999999997fb2ep-2, 0x1.2492494217caap-2, 0x1.c71c51e7dab2dp-3,
    0x1.74664631be16dp-3, 0x1.39a0f4898b53fp-3, 0x1.2f0d92f274a8fp-3,
};

/* log((1 + s) / (1 - s)) = 2 s + s^3 (c0 + c1 s^2 + ...),
   |s| <= (q - 1) / (q + 1), q = 2^1.086, relative error 2^-56.6 */
static const double LOG_WIDE_F64[10] = {
    0x1.55555555554aep-1, 0x1.99999999b7f9bp-2, 0x1.2492491553660p-2, 0x1.c71c7957c5891p-3,
    0x1.745c03eb89808p-3, 0x1.3b2bce279d8d6p-3, 0x1.0fb9d96863d29p-3, 0x1.fa09d5b080400p-4,
    0x1.2b7b9e8d900dfp-4, 0x1.81883b0ba5331p-3,
};

/* exp(r) = 1 + r + r^2 (c0 + c1 r + ...) on |r| <= ln 2 / 32, error 2^-37.5 */
static const float EXP_F32[3] = {
    0x1.0000000000000p-1f, 0x1.55571e0000000p-3f, 0x1.55576a0000000p-5f,
};

/* bits of 2^(j/16) less j << 19: adding k << 19 gives 2^(k/16) */
static const int32_t POWER_F32[16] = {
    0x3f800000, 0x3f7daac3, 0x3f7b95c2, 0x3f79c3d3,
    0x3f7837f0, 0x3f76f532, 0x3f75fed7, 0x3f75583f,
    0x3f7504f3, 0x3f7508a4, 0x3f75672a, 0x3f76248c,
    0x3f7744fd, 0x3f78ccdf, 0x3f7ac0c7, 0x3f7d257d,
};

/* 2^(j/16) over its rounded value, less 1 */
static const float POWER_REST_F32[16] = {
    0x0.0p+0f, 0x1.8d96d40000000p-25f, -0x1.9c0c220000000p-27f, 0x1.9649040000000p-25f,
    0x1.1250020000000p-25f, 0x1.370be40000000p-25f, -0x1.0a35500000000p-25f, -0x1.00d8ac0000000p-27f,
    0x1.26055c0000000p-26f, -0x1.05cb440000000p-25f, 0x1.67a1ca0000000p-28f, 0x1.a3b5e40000000p-28f,
    -0x1.f9c3040000000p-27f, -0x1.6961b40000000p-28f, -0x1.a5217c0000000p-28f, 0x1.61428e0000000p-28f,
};

/* exp(r) = 1 + r + r^2 (c0 + c1 r + ...) on |r| <= ln 2 / 16, error 2^-32.4 */
static const float SCALED_EXP_F32[3] = {
    0x1.0000000000000p-1f, 0x1.555c760000000p-3f, 0x1.555da60000000p-5f,
};

/* exp(r) = 1 + r + r^2 (c0 + c1 r + ...) on |r| <= ln 2 / 16, error 2^-25.2 */
static const float ROUGH_EXP_F32[2] = {
    0x1.00087e0000000p-1f, 0x1.555cda0000000p-3f,
};

/* bits of S 2^(j/8) less j << 20: adding k << 20 gives S 2^(k/8) */
static const int32_t SCALED_POWER_F32[8] = {
    0x3f8b3a3e, 0x3f87d424, 0x3f859202, 0x3f848e45,
    0x3f84e5be, 0x3f86b7da, 0x3f8a26de, 0x3f8f5829,
};

/* 1 / S; S = 1.087714908591555058, for which all entries are within 2^-28.43 of exact */
#define UNSCALE0_F32 0x1.d6b62a0000000p-1f
#define UNSCALE1_F32 -0x1.6312c80000000p-29f

#define LN2_PART0_F32 0x1.6300000000000p-1f
#define LN2_PART1_F32 -0x1.bd00000000000p-13f
#define LN2_PART2_F32 -0x1.05c6100000000p-29f
#define LN2_PART3_F32 -0x1.950d880000000p-54f
#define LN2_FULL0_F32 0x1.62e4300000000p-1f
#define LN2_FULL1_F32 -0x1.05c6100000000p-29f
#define LOG2E_F32 0x1.7154760000000p+0f

/* log((1 + s) / (1 - s)) = 2 s + s^3 (c0 + c1 s^2 + ...),
   |s| <= (q - 1) / (q + 1), q = 2^0.5, relative error 2^-30.0 */
static const float LOG_F32[3] = {
    0x1.55557a0000000p-1f, 0x1.995e9a0000000p-2f, 0x1.31e67e0000000p-2f,
};

/* log((1 + s) / (1 - s)) = 2 s + s^3 (c0 + c1 s^2 + ...),
   |s| <= (q - 1) / (q + 1), q = 2^0.5, relative error 2^-30.0 */
static const float LOG_SHORT_F32[3] = {
    0x1.55557a0000000p-1f, 0x1.995e9a0000000p-2f, 0x1.31e67e0000000p-2f,
};

/* log((1 + s) / (1 - s)) = 2 s + s^3 (c0 + c1 s^2 + ...),
   |s| <= (q - 1) / (q + 1), q = 2^1.086, relative error 2^-26.4 */
static const float LOG_WIDE_F32[4] = {
    0x1.5554b20000000p-1f, 0x1.99f7760000000p-2f, 0x1.1c4fac0000000p-2f, 0x1.2acb240000000p-2f,
};

/* 2^(j/256) as a sum of three doubles */
static const double POWER_FINE[256][3] = {
    {0x1.0000000000000p+0, 0x0.0p+0, 0x0.0p+0},
    {0x1.00b1afa5abcbfp+0, -0x1.4f6b2a7609f71p-55, -0x1.b55dd523f3c08p-111},
    {0x1.0163da9fb3335p+0, 0x1.b61299ab8cdb7p-54, 0x1.bf48007d80987p-109},
    {0x1.02168143b0281p+0, -0x1.2bf310fc54eb6p-55, 0x1.9953ea727ff0bp-109},
    {0x1.02c9a3e778061p+0, -0x1.19083535b085dp-56, -0x1.9085b0a3d74d5p-110},
    {0x1.037d42e11bbccp+0, 0x1.56811eeade11ap-57, 0x1.1313d5abd77e9p-111},
    {0x1.04315e86e7f85p+0, -0x1.0a31c1977c96ep-54, -0x1.912fbf44b4040p-112},
    {0x1.04e5f72f654b1p+0, 0x1.4c3793aa0d08dp-55, -0x1.f9c132b72afe2p-109},
    {0x1.059b0d3158574p+0, 0x1.d73e2a475b465p-55, 0x1.05ff94f8d257ep-110},
    {0x1.0650a0e3c1f89p+0, -0x1.5cb7b5799c397p-54, 0x1.3e0adfe6c4c98p-108},
    {0x1.0706b29ddf6dep+0, -0x1.c91dfe2b13c27p-55, 0x1.fb41f2e2c24abp-110},
    {0x1.07bd42b72a836p+0, 0x1.3233454458700p-55, -0x1.92b8d5099366ep-111},
    {0x1.0874518759bc8p+0, 0x1.186be4bb284ffp-57, 0x1.15820d96b414fp-111},
    {0x1.092bdf66607e0p+0, -0x1.68063800a3fd1p-54, 0x1.4189ff8d63ef8p-111},
    {0x1.09e3ecac6f383p+0, 0x1.1487818316136p-54, -0x1.48b45d1fdc259p-108},
    {0x1.0a9c79b1f3919p+0, 0x1.5d16c873d1d38p-55, -0x1.cf8d9770223ddp-109},
    {0x1.0b5586cf9890fp+0, 0x1.8a62e4adc610bp-54, -0x1.67c9bd6ebf74cp-108},
    {0x1.0c0f145e46c85p+0, 0x1.4f98906d21cefp-54, 0x1.39d71c412378ep-111},
    {0x1.0cc922b7247f7p+0, 0x1.01edc16e24f71p-54, 0x1.e8aac564e6fe3p-108},
    {0x1.0d83b23395decp+0, -0x1.bc14de43f316ap-54, -0x1.696bec12e389cp-110},
    {0x1.0e3ec32d3d1a2p+0, 0x1.03a1727c57b53p-59, -0x1.5aa76994e9ddbp-113},
    {0x1.0efa55fdfa9c5p+0, -0x1.49db9bc54021bp-54, -0x1.d4ad57103f1fcp-108},
    {0x1.0fb66affed31bp+0, -0x1.b9bedc44ebd7bp-57, -0x1.aeb1f49d84259p-112},
    {0x1.1073028d7233ep+0, 0x1.d46eb1692fdd5p-55, 0x1.f57015b4875a8p-110},
    {0x1.11301d0125b51p+0, -0x1.6c51039449b3ap-54, 0x1.9d58b988f562dp-109},
    {0x1.11edbab5e2ab6p+0, -0x1.ca454f703fb72p-54, 0x1.3454b21b02588p-112},
    {0x1.12abdc06c31ccp+0, -0x1.1b514b36ca5c7p-58, -0x1.08d8f42083120p-112},
    {0x1.136a814f204abp+0, -0x1.7108fba48dcf0p-57, 0x1.c9a4e34e91caap-111},
    {0x1.1429aaea92de0p+0, -0x1.32fbf9af1369ep-54, -0x1.2fe7bb4c76416p-108},
    {0x1.14e95934f312ep+0, -0x1.b91e839bf44abp-55, -0x1.7ddfed6937232p-109},
    {0x1.15a98c8a58e51p+0, 0x1.2406ab9eeab0ap-55, -0x1.01b575279c474p-110},
    {0x1.166a45471c3c2p+0, 0x1.8f23b82ea1a32p-58, 0x1.cec6f65f9f480p-112},
    {0x1.172b83c7d517bp+0, -0x1.19041b9d78a76p-55, 0x1.4f2406aa13ff0p-109},
    {0x1.17ed48695bbc0p+0, 0x1.09e3fe2ac5a64p-56, 0x1.0f94cec9c9210p-111},
    {0x1.18af9388c8deap+0, -0x1.11023d1970f6cp-54, 0x1.725f0040b97c5p-110},
    {0x1.1972658375d2fp+0, 0x1.4aadd85f17e08p-54, 0x1.629678a30a399p-109},
    {0x1.1a35beb6fcb75p+0, 0x1.e5b4c7b4968e4p-55, 0x1.ad36183926ae8p-111},
    {0x1.1af99f8138a1cp+0, 0x1.7bf85a4b69280p-54, -0x1.5c2c423bf7bd0p-110},
    {0x1.1bbe084045cd4p+0, -0x1.95386352ef607p-54, -0x1.40ca69503718ep-109},
    {0x1.1c82f95281c6bp+0, 0x1.009778010f8c9p-54, -0x1.875b881c94e67p-110},
    {0x1.1d4873168b9aap+0, 0x1.e016e00a2643cp-54, 0x1.ea62d0881b918p-110},
    {0x1.1e0e75eb44027p+0, -0x1.6fdd8088cb6dep-54, -0x1.0459f81668706p-108},
    {0x1.1ed5022fcd91dp+0, -0x1.1df98027bb78cp-54, 0x1.e504d36c47475p-108},
    {0x1.1f9c18438ce4dp+0, -0x1.bf524a097af5cp-54, -0x1.786d77f83061cp-109},
    {0x1.2063b88628cd6p+0, 0x1.dc775814a8495p-55, -0x1.781dbc16f1ea4p-111},
    {0x1.212be3578a819p+0, 0x1.3592d2cfcaac9p-54, -0x1.664b40209c8aap-110},
    {0x1.21f49917ddc96p+0, 0x1.2a97e9494a5eep-55, -0x1.693c2b3b7106bp-109},
    {0x1.22bdda27912d1p+0, 0x1.d34fb5577d69fp-55, -0x1.b872152843078p-110},
    {0x1.2387a6e756238p+0, 0x1.9b07eb6c70573p-54, -0x1.4d89f9af532e0p-109},
    {0x1.2451ffb82140ap+0, 0x1.acfcc911ca996p-55, 0x1.8463b513c7000p-110},
    {0x1.251ce4fb2a63fp+0, 0x1.ac155bef4f4a4p-55, 0x1.1a9c8afdcf797p-112},
    {0x1.25e85711ece75p+0, 0x1.3e1a24ac31b2cp-54, 0x1.5ba6e76088bcdp-108},
    {0x1.26b4565e27cddp+0, 0x1.2bd339940e9d9p-55, 0x1.277393a461b77p-110},
    {0x1.2780e341ddf29p+0, 0x1.e067c05f9e76cp-54, -0x1.bd4b7cee4538bp-108},
    {0x1.284dfe1f56381p+0, -0x1.a4c3a8c3f0d7ep-54, 0x1.67fdaa2e52d7dp-108},
    {0x1.291ba7591bb70p+0, -0x1.2cc7228401cbdp-55, 0x1.7a3902d46e4c4p-114},
    {0x1.29e9df51fdee1p+0, 0x1.612e8afad1255p-55, 0x1.de54485604690p-111},
    {0x1.2ab8a66d10f13p+0, -0x1.95743191690a7p-54, -0x1.dde6d7e73b7f6p-109},
    {0x1.2b87fd0dad990p+0, -0x1.10adcd6381aa4p-59, 0x1.0885fb8796dbdp-113},
    {0x1.2c57e39771b2fp+0, -0x1.50145a6eb5124p-54, -0x1.e245c425cbfd4p-108},
    {0x1.2d285a6e4030bp+0, 0x1.0024754db41d5p-54, -0x1.ee9d8f8cb9307p-110},
    {0x1.2df961f641589p+0, 0x1.d16cffbbce198p-54, 0x1.aadc67a5cf780p-109},
    {0x1.2ecafa93e2f56p+0, 0x1.1ca0f45d52383p-56, 0x1.d7b08dee6d12ap-111},
    {0x1.2f9d24abd886bp+0, -0x1.53c55532bda93p-57, 0x1.286089c742098p-111},
    {0x1.306fe0a31b715p+0, 0x1.6f46ad23182e4p-55, 0x1.7b7b2f09cd0d9p-110},
    {0x1.31432edeeb2fdp+0, 0x1.959a3f3f3fcd1p-55, -0x1.91ceb071b81b5p-109},
    {0x1.32170fc4cd831p+0, 0x1.a9ce78e18047cp-55, 0x1.b778c882b85e8p-110},
    {0x1.32eb83ba8ea32p+0, -0x1.c45e83cb4f318p-54, -0x1.b78c73a0898b9p-108},
    {0x1.33c08b26416ffp+0, 0x1.32721843659a6p-54, -0x1.406a2ea6cfc6bp-108},
    {0x1.3496266e3fa2dp+0, -0x1.35a75930881a4p-55, -0x1.475af6a7b6cc9p-111},
    {0x1.356c55f929ff1p+0, -0x1.b5cee5c4e4628p-55, -0x1.8e524e520d5f2p-109},
    {0x1.36431a2de883bp+0, -0x1.c3144a06cb85ep-55, 0x1.f8bb041238096p-109},
    {0x1.371a7373aa9cbp+0, -0x1.63aeabf42eae2p-54, 0x1.87e3e12516bfap-108},
    {0x1.37f26231e754ap+0, -0x1.9f5ca9eceb23cp-54, 0x1.57469ed7e12f8p-111},
    {0x1.38cae6d05d866p+0, -0x1.e958d3c9904bdp-54, 0x1.0a77a61404f21p-109},
    {0x1.39a401b7140efp+0, -0x1.9a9a5fc8e2934p-54, -0x1.18ff8ae910b7ap-108},
    {0x1.3a7db34e59ff7p+0, -0x1.5e436d661f5e3p-56, 0x1.9b0b1ff17c296p-111},
    {0x1.3b57fbfec6cf4p+0, 0x1.54c66e26fff18p-54, 0x1.d68f8b2e3be80p-108},
    {0x1.3c32dc313a8e5p+0, -0x1.efff8375d29c3p-54, -0x1.1143f2a93395ap-109},
    {0x1.3d0e544ede173p+0, 0x1.fe8d08c284c71p-56, 0x1.1ba164ea65915p-115},
    {0x1.3dea64c123422p+0, 0x1.ada0911f09ebcp-55, -0x1.808ba68fa8fb7p-109},
    {0x1.3ec70df1c5175p+0, -0x1.af6637b8c9bcap-55, -0x1.9bcdef349ba26p-111},
    {0x1.3fa4504ac801cp+0, -0x1.7d023f956f9f3p-54, -0x1.0473e3724200dp-108},
    {0x1.40822c367a024p+0, 0x1.bddf8b6f4d048p-55, 0x1.28b1c754495cfp-109},
    {0x1.4160a21f72e2ap+0, -0x1.ef3691c309278p-58, -0x1.32b43eafc6518p-114},
    {0x1.423fb2709468ap+0, -0x1.8462dc0b314ddp-54, -0x1.1cad978fffe80p-108},
    {0x1.431f5d950a897p+0, -0x1.1c7dde35f7999p-55, 0x1.903c496195fefp-109},
    {0x1.43ffa3f84b9d4p+0, 0x1.880be9704c003p-55, -0x1.94966ca4958dfp-109},
    {0x1.44e086061892dp+0, 0x1.89b7a04ef80d0p-59, -0x1.0ac312de3d922p-114},
    {0x1.45c2042a7d232p+0, -0x1.8641982fb1f8ep-57, -0x1.85a39e45a5ac8p-112},
    {0x1.46a41ed1d0057p+0, 0x1.c944bd1648a76p-54, 0x1.7df404ff21f3ap-108},
    {0x1.4786d668b3237p+0, -0x1.c20f0ed445733p-54, -0x1.cb6afa23d3b08p-110},
    {0x1.486a2b5c13cd0p+0, 0x1.3c1a3b69062f0p-56, 0x1.e1eebae743ac0p-111},
    {0x1.494e1e192aed2p+0, -0x1.3b2895e499ea0p-55, 0x1.f5c05bb2372a6p-109},
    {0x1.4a32af0d7d3dep+0, 0x1.9cb62f3d1be56p-54, 0x1.91876c761e2c7p-110},
    {0x1.4b17dea6db7d7p+0, -0x1.125b87f2897f0p-55, 0x1.824406a11ee2dp-110},
    {0x1.4bfdad5362a27p+0, 0x1.d4397afec42e2p-56, 0x1.c06c7745c2b39p-113},
    {0x1.4ce41b817c114p+0, 0x1.05e29690abd5dp-54, -0x1.b977421877867p-109},
    {0x1.4dcb299fddd0dp+0, 0x1.8ecdbbc6a7833p-54, 0x1.212c969559b43p-110},
    {0x1.4eb2d81d8abffp+0, -0x1.5257d2e5d7a52p-54, -0x1.e770e5a11db22p-109},
    {0x1.4f9b2769d2ca7p+0, -0x1.4b309d25957e3p-54, -0x1.1aa1fd7b685cdp-112},
    {0x1.508417f4531eep+0, 0x1.a249b49b7465fp-56, -0x1.f426d5f0a11f8p-111},
    {0x1.516daa2cf6642p+0, -0x1.f768569bd93efp-55, 0x1.90e718226177dp-112},
    {0x1.5257de83f4eefp+0, -0x1.c998d43efef71p-56, -0x1.0974a1675d1e8p-110},
    {0x1.5342b569d4f82p+0, -0x1.07abe1db13cadp-55, 0x1.fa733951f214cp-111},
    {0x1.542e2f4f6ad27p+0, 0x1.7926d192d5f7ep-55, -0x1.126782ea06baap-110},
    {0x1.551a4ca5d920fp+0, -0x1.d689cefede59bp-55, 0x1.9c991771b0493p-110},
    {0x1.56070dde910d2p+0, -0x1.0fb6e168eebf0p-54, 0x1.91129ae575c71p-108},
    {0x1.56f4736b527dap+0, 0x1.9bb2c011d93adp-54, -0x1.ff86852a613ffp-111},
    {0x1.57e27dbe2c4cfp+0, -0x1.0b98c8a57b9c4p-54, -0x1.d39891f4faa20p-108},
    {0x1.58d12d497c7fdp+0, 0x1.295e15b9a1de8p-55, -0x1.a26d92ad1e4c6p-109},
    {0x1.59c0827ff07ccp+0, -0x1.7e2cee467e60fp-54, 0x1.d0c772f1bbc25p-109},
    {0x1.5ab07dd485429p+0, 0x1.6324c054647adp-54, -0x1.744ee506fdafep-109},
    {0x1.5ba11fba87a03p+0, -0x1.b77a14c233e1ap-54, 0x1.476dfb1884200p-108},
    {0x1.5c9268a5946b7p+0, 0x1.c4b1b816986a2p-60, 0x1.ec2735254978cp-119},
    {0x1.5d84590998b93p+0, -0x1.cd6a7a8b45643p-54, 0x1.26dcfecd1b7fbp-108},
    {0x1.5e76f15ad2148p+0, 0x1.ba6f93080e65ep-54, -0x1.95f9ab75fa7d6p-108},
    {0x1.5f6a320dceb71p+0, -0x1.9eadde3cdcf92p-55, 0x1.0e1a6fbc77479p-109},
    {0x1.605e1b976dc09p+0, -0x1.3e2429b56de47p-54, -0x1.32c54b92e2588p-110},
    {0x1.6152ae6cdf6f4p+0, 0x1.e4b3e4ab84c27p-54, -0x1.5a3ca64325ac8p-111},
    {0x1.6247eb03a5585p+0, -0x1.383c17e40b497p-54, 0x1.5d8e757cfb991p-111},
    {0x1.633dd1d1929fdp+0, 0x1.84710beb964e5p-54, 0x1.72e21510bddb6p-108},
    {0x1.6434634ccc320p+0, -0x1.c483c759d8933p-55, 0x1.3904000c1c40fp-110},
    {0x1.652b9febc8fb7p+0, -0x1.ae3d5c9a73e09p-54, 0x1.3fda68a873c1ap-108},
    {0x1.6623882552225p+0, -0x1.bb60987591c34p-54, 0x1.4a337f4dc0a3bp-108},
    {0x1.671c1c70833f6p+0, -0x1.e8732586c6134p-55, 0x1.f59e80d44da25p-109},
    {0x1.68155d44ca973p+0, 0x1.038ae44f73e65p-57, -0x1.f2803633b04ffp-113},
    {0x1.690f4b19e9538p+0, 0x1.804bd9aeb445dp-55, -0x1.8f8eac8bcebaap-109},
    {0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54, 0x1.57d3e3adec175p-108},
    {0x1.6b052fa75173ep+0, 0x1.a38f52c9a9d0ep-56, 0x1.96bba59626d18p-111},
    {0x1.6c012750bdabfp+0, -0x1.2895667ff0b0dp-56, 0x1.fef5c58766c19p-111},
    {0x1.6cfdcddd47645p+0, 0x1.c7aa9b6f17309p-54, -0x1.880cb27e97d9ep-111},
    {0x1.6dfb23c651a2fp+0, -0x1.bbe3a683c88abp-57, 0x1.a59f88abbe778p-115},
    {0x1.6ef9298593ae5p+0, -0x1.0b9749e1ac8b2p-54, -0x1.a8db3ca2ad190p-110},
    {0x1.6ff7df9519484p+0, -0x1.83c0f25860ef6p-55, -0x1.001923f4a956ep-110},
    {0x1.70f7466f42e87p+0, 0x1.9d644d45aa65fp-58, -0x1.d9ca88f47a2a1p-113},
    {0x1.71f75e8ec5f74p+0, -0x1.16e4786887a99p-55, -0x1.269796953a4c3p-109},
    {0x1.72f8286ead08ap+0, -0x1.20aa02cd62c72p-54, -0x1.88dfb7e0baf87p-109},
    {0x1.73f9a48a58174p+0, -0x1.0a8d96c65d53cp-54, 0x1.82ae217f3a768p-108},
    {0x1.74fbd35d7cbfdp+0, 0x1.047fd618a6e1cp-54, 0x1.b42033fadb904p-108},
    {0x1.75feb564267c9p+0, -0x1.0245957316dd3p-54, -0x1.8f8e7fa19e5e8p-108},
    {0x1.77024b1ab6e09p+0, 0x1.b7877169147f8p-54, -0x1.eb9c5d1e7b193p-112},
    {0x1.780694fde5d3fp+0, 0x1.866b80a02162dp-54, -0x1.44d42307932f7p-108},
    {0x1.790b938ac1cf6p+0, 0x1.349a862aadd3ep-54, -0x1.0b109d64fbd5fp-110},
    {0x1.7a11473eb0187p+0, -0x1.41577ee04992fp-55, -0x1.4217a932d10d4p-113},
    {0x1.7b17b0976cfdbp+0, -0x1.bebb58468dc88p-54, -0x1.303754b0bc06dp-109},
    {0x1.7c1ed0130c132p+0, 0x1.f124cd1164dd6p-54, -0x1.d4d236cc2bb03p-108},
    {0x1.7d26a62ff86f0p+0, 0x1.1bddbfb72b8b4p-54, -0x1.9da5eb6946f8cp-108},
    {0x1.7e2f336cf4e62p+0, 0x1.05d02ba15797ep-56, 0x1.70a1427f8fcdfp-112},
    {0x1.7f3878491c491p+0, -0x1.07f11cf9311aep-55, 0x1.19f0b3685b7ffp-109},
    {0x1.80427543e1a12p+0, -0x1.27c86626d972bp-54, 0x1.d4e0d71c9b16ep-109},
    {0x1.814d2add106d9p+0, 0x1.464370d151d4dp-54, 0x1.c694d6561d277p-108},
    {0x1.82589994cce13p+0, -0x1.d4c1dd41532d8p-54, 0x1.0f6ad65cbbac1p-112},
    {0x1.8364c1eb941f7p+0, 0x1.99b9a31df2bd5p-54, 0x1.e5100ab05208bp-109},
    {0x1.8471a4623c7adp+0, -0x1.8d684a341cdfbp-55, -0x1.591e15c16efd1p-109},
    {0x1.857f4179f5b21p+0, -0x1.ba748f8b216d0p-58, 0x1.a58e6e72eee90p-112},
    {0x1.868d99b4492edp+0, -0x1.fc6f89bd4f6bap-54, -0x1.f16f65181d921p-109},
    {0x1.879cad931a436p+0, 0x1.5d2d7d2db47bdp-55, -0x1.79679c19ea91fp-110},
    {0x1.88ac7d98a6699p+0, 0x1.994c2f37cb53ap-54, 0x1.d61283ef385dep-108},
    {0x1.89bd0a478580fp+0, 0x1.d53954475202bp-54, -0x1.ffd8e923800f4p-108},
    {0x1.8ace5422aa0dbp+0, 0x1.6e9f156864b27p-54, -0x1.30644a7836333p-110},
    {0x1.8be05bad61778p+0, 0x1.ecb5efc43446ep-54, 0x1.e4ef1b4f47e60p-108},
    {0x1.8cf3216b5448cp+0, -0x1.0d55e32e9e3aap-56, -0x1.3dab3db839dd6p-111},
    {0x1.8e06a5e0866d9p+0, -0x1.7114a6fc9b2e6p-54, 0x1.1d162ae347ca3p-108},
    {0x1.8f1ae99157736p+0, 0x1.5cc13a2e3976cp-55, 0x1.3bf26d2b85163p-114},
    {0x1.902fed0282c8ap+0, 0x1.592ca85fe3fd2p-54, 0x1.9aaeca60a407ap-108},
    {0x1.9145b0b91ffc6p+0, -0x1.dd6792e582524p-54, 0x1.c03855204534ap-109},
    {0x1.925c353aa2fe2p+0, -0x1.3455fa639db7fp-55, -0x1.a049aab220b43p-109},
    {0x1.93737b0cdc5e5p+0, -0x1.75fc781b57ebcp-57, 0x1.697e257ac0db2p-111},
    {0x1.948b82b5f98e5p+0, -0x1.dc3d6797d2d99p-55, -0x1.4a682ed507e0bp-109},
    {0x1.95a44cbc8520fp+0, -0x1.64b7c96a5f039p-56, -0x1.07053c9a98bbbp-113},
    {0x1.96bdd9a7670b3p+0, -0x1.ba5967f19c896p-58, 0x1.c4833e2a01129p-112},
    {0x1.97d829fde4e50p+0, -0x1.d185b7c1b85d1p-54, 0x1.7edb9d7144b6fp-108},
    {0x1.98f33e47a22a2p+0, 0x1.cabdaa24c78edp-56, -0x1.f2ec2c877c312p-110},
    {0x1.9a0f170ca07bap+0, -0x1.173bd91cee632p-54, -0x1.053987854965fp-110},
    {0x1.9b2bb4d53fe0dp+0, -0x1.dd84e4df6d518p-54, 0x1.f67e4fe184b31p-110},
    {0x1.9c49182a3f090p+0, 0x1.c7c46b071f2bep-56, 0x1.6376b7943085cp-110},
    {0x1.9d674194bb8d5p+0, -0x1.516bea3dd8233p-54, -0x1.519baeb91c698p-110},
    {0x1.9e86319e32323p+0, 0x1.824ca78e64c6ep-56, 0x1.0f92c082bbae0p-116},
    {0x1.9fa5e8d07f29ep+0, -0x1.4a9ceaaf1facep-55, 0x1.4f0e6fc88785dp-109},
    {0x1.a0c667b5de565p+0, -0x1.359495d1cd533p-54, 0x1.354084551b4fbp-109},
    {0x1.a1e7aed8eb8bbp+0, 0x1.c6618ee8be70ep-54, 0x1.b7f2fb72d78c0p-108},
    {0x1.a309bec4a2d33p+0, 0x1.6305c7ddc36abp-54, 0x1.547fa22c26d17p-108},
    {0x1.a42c980460ad8p+0, -0x1.aa780589fb120p-54, -0x1.d6e9e41d89183p-108},
    {0x1.a5503b23e255dp+0, -0x1.d2f6edb8d41e1p-54, -0x1.bfd7adfd63f48p-111},
    {0x1.a674a8af46052p+0, 0x1.50f5630670366p-57, 0x1.b8696ee520475p-112},
    {0x1.a799e1330b358p+0, 0x1.bcb7ecac563c7p-54, -0x1.678693176f751p-108},
    {0x1.a8bfe53c12e59p+0, -0x1.4f867b2ba15a9p-54, 0x1.01f0d566ba176p-108},
    {0x1.a9e6b5579fdbfp+0, 0x1.0fac90ef7fd31p-54, 0x1.8b16ae39e8cb9p-109},
    {0x1.ab0e521356ebap+0, 0x1.89c31dae94545p-55, -0x1.af43b90f0d971p-110},
    {0x1.ac36bbfd3f37ap+0, -0x1.f9234cae76cd0p-55, -0x1.c60dbfc7696f8p-111},
    {0x1.ad5ff3a3c2774p+0, 0x1.7ef3bb6b1b8e5p-54, -0x1.31a55d12f2b84p-108},
    {0x1.ae89f995ad3adp+0, 0x1.7a1cd345dcc81p-54, 0x1.a7fbc3ae675eap-108},
    {0x1.afb4ce622f2ffp+0, -0x1.4b2fc0f315ecdp-54, 0x1.252d2a6932f30p-108},
    {0x1.b0e07298db666p+0, -0x1.bdef54c80e425p-54, 0x1.41cbb95c55600p-109},
    {0x1.b20ce6c9a8952p+0, 0x1.4dd024a0756ccp-54, -0x1.883daf6928c9ep-108},
    {0x1.b33a2b84f15fbp+0, -0x1.2805e3084d708p-57, 0x1.2babc0edda4d9p-111},
    {0x1.b468415b749b1p+0, -0x1.f763de9df7c90p-56, -0x1.3e5401cf3f56fp-111},
    {0x1.b59728de5593ap+0, -0x1.c71dfbbba6de3p-54, -0x1.c7470081df7dfp-111},
    {0x1.b6c6e29f1c52ap+0, 0x1.2a8f352883f6ep-54, 0x1.7a1ee98a99862p-109},
    {0x1.b7f76f2fb5e47p+0, -0x1.5584f7e54ac3bp-56, 0x1.aa64481e1ab72p-111},
    {0x1.b928cf22749e4p+0, -0x1.b721654cb65c6p-54, 0x1.5111ed9312467p-109},
    {0x1.ba5b030a1064ap+0, -0x1.efcd30e54292ep-54, -0x1.ad1bf91503c67p-113},
    {0x1.bb8e0b79a6f1fp+0, -0x1.f52d1c9696205p-60, -0x1.1b499b8052088p-115},
    {0x1.bcc1e904bc1d2p+0, 0x1.23dd07a2d9e84p-55, 0x1.9a164050e1258p-109},
    {0x1.bdf69c3f3a207p+0, -0x1.c262360ea5b52p-60, -0x1.b2ab8c26584ffp-114},
    {0x1.bf2c25bd71e09p+0, -0x1.efdca3f6b9c73p-54, 0x1.27e81cecd59dap-110},
    {0x1.c06286141b33dp+0, -0x1.d8a5aa1fbca34p-55, -0x1.6fd5d0fdf4695p-110},
    {0x1.c199bdd85529cp+0, 0x1.11065895048ddp-55, 0x1.99e51125928dap-110},
    {0x1.c2d1cd9fa652cp+0, -0x1.6e51617c8a5d7p-54, -0x1.5af0e37eae5dep-110},
    {0x1.c40ab5fffd07ap+0, 0x1.b4537e083c60ap-54, 0x1.4a6cdfa70f4f8p-109},
    {0x1.c544778fafb22p+0, 0x1.12f072493b5afp-54, 0x1.7634e44f583acp-109},
    {0x1.c67f12e57d14bp+0, 0x1.2884dff483cadp-54, -0x1.fc44c329d5cb2p-109},
    {0x1.c7ba88988c933p+0, -0x1.e76bbbe255559p-55, -0x1.239845875b500p-110},
    {0x1.c8f6d9406e7b5p+0, 0x1.1acbc48805c44p-56, 0x1.6edaac100b8fap-111},
    {0x1.ca3405751c4dbp+0, -0x1.7f2bed10d08f5p-55, 0x1.45233cc94585ap-114},
    {0x1.cb720dcef9069p+0, 0x1.503cbd1e949dbp-56, 0x1.d8765566b032ep-110},
    {0x1.ccb0f2e6d1675p+0, -0x1.d220f86009093p-56, 0x1.e0424e773b3b3p-110},
    {0x1.cdf0b555dc3fap+0, -0x1.dd83b53829d72p-55, -0x1.aea073a742049p-112},
    {0x1.cf3155b5bab74p+0, -0x1.a08e9b86dff57p-54, -0x1.743fe56ba6df7p-110},
    {0x1.d072d4a07897cp+0, -0x1.cbc3743797a9cp-54, -0x1.e7044039da0f6p-108},
    {0x1.d1b532b08c968p+0, 0x1.55636219a36eep-54, -0x1.96ce6c611cd73p-108},
    {0x1.d2f87080d89f2p+0, -0x1.d487b719d8578p-54, 0x1.2da62b2a9fae7p-111},
    {0x1.d43c8eacaa1d6p+0, 0x1.3db53bf5a1614p-54, 0x1.420bd107a56f7p-108},
    {0x1.d5818dcfba487p+0, 0x1.2ed02d75b3707p-55, -0x1.ab053b05531fcp-111},
    {0x1.d6c76e862e6d3p+0, 0x1.fe87a4a8165a0p-58, 0x1.b1701f59c75ffp-114},
    {0x1.d80e316c98398p+0, -0x1.11ec18beddfe8p-54, -0x1.ed04e7ac8765ap-110},
    {0x1.d955d71ff6075p+0, 0x1.a052dbb9af6bep-54, 0x1.30dc526492014p-108},
    {0x1.da9e603db3285p+0, 0x1.c2300696db532p-54, 0x1.7f6246f0ec615p-108},
    {0x1.dbe7cd63a8315p+0, -0x1.b76f1926b8be4p-54, -0x1.0838f11e6612dp-108},
    {0x1.dd321f301b460p+0, 0x1.2da5778f018c3p-54, -0x1.c6cdead661cf3p-108},
    {0x1.de7d5641c0658p+0, -0x1.ca5528e79ba8fp-54, 0x1.4f9fd822b5ee1p-109},
    {0x1.dfc97337b9b5fp+0, -0x1.1a5cd4f184b5cp-54, 0x1.b7225a944efd6p-108},
    {0x1.e11676b197d17p+0, -0x1.2b529bd5c7f44p-56, 0x1.386309ca5072ap-110},
    {0x1.e264614f5a129p+0, -0x1.7b627817a1496p-54, -0x1.b9818808c409ap-108},
    {0x1.e3b333b16ee12p+0, -0x1.9f4a431fdc68bp-54, 0x1.8b86d919ec784p-108},
    {0x1.e502ee78b3ff6p+0, 0x1.39e8980a9cc8fp-55, 0x1.1e92cb3c2d278p-109},
    {0x1.e653924676d76p+0, -0x1.63ff87522b735p-55, 0x1.1bdfc8db5a718p-110},
    {0x1.e7a51fbc74c83p+0, 0x1.2d522ca0c8de2p-54, -0x1.8a757b0b6a9cbp-108},
    {0x1.e8f7977cdb740p+0, -0x1.1089480b054b1p-54, 0x1.306ae5803b7cbp-109},
    {0x1.ea4afa2a490dap+0, -0x1.e9c23179c2893p-54, -0x1.fc0f242bbf3dep-109},
    {0x1.eb9f4867cca6ep+0, 0x1.4832f2293e4f2p-54, -0x1.90fc40251cbe8p-108},
    {0x1.ecf482d8e67f1p+0, -0x1.c93f3b411ad8cp-54, -0x1.0b9dfef44b43bp-108},
    {0x1.ee4aaa2188510p+0, 0x1.1c68da487568dp-54, 0x1.31c8db5077e24p-110},
    {0x1.efa1bee615a27p+0, 0x1.dc7f486a4b6b0p-54, 0x1.f6dd5d229ff69p-108},
    {0x1.f0f9c1cb6412ap+0, -0x1.3220065181d45p-54, -0x1.3f8114293b05bp-108},
    {0x1.f252b376bba97p+0, 0x1.3a1a5bf0d8e43p-54, 0x1.4c6ad5476b516p-108},
    {0x1.f3ac948dd7274p+0, -0x1.95a5a3ed837dep-56, 0x1.40a183fe4cc10p-112},
    {0x1.f50765b6e4540p+0, 0x1.9d3e12dd8a18bp-54, -0x1.4019bffc80ef3p-110},
    {0x1.f6632798844f8p+0, 0x1.fa37b3539343ep-54, 0x1.726a45a4c9e13p-109},
    {0x1.f7bfdad9cbe14p+0, -0x1.dbb12d006350ap-54, 0x1.5c5ce7280fa4dp-108},
    {0x1.f91d802243c89p+0, -0x1.12ea8a779f689p-57, -0x1.89324bfc3ef57p-111},
    {0x1.fa7c1819e90d8p+0, 0x1.74853f3a5931ep-55, 0x1.dc060c36f7651p-112},
    {0x1.fbdba3692d514p+0, -0x1.9677315098eb6p-56, 0x1.b0cd4d28a9a32p-110},
    {0x1.fd3c22b8f71f1p+0, 0x1.2eb74966579e7p-57, 0x1.2f096934ec56cp-111},
    {0x1.fe9d96b2a23d9p+0, 0x1.4a6037442fde3p-56, 0x1.baf85e8130af3p-112},
};

/* 1/(k + 2)! as a sum of two doubles: exp(r) = 1 + r + r^2 (c0 + c1 r + ...) on |r| <= ln 2 / 512,
   error 2^-143 */
static const double INVERSE_FACTORIAL[10][2] = {
    {0x1.0000000000000p-1, 0x0.0p+0},
    {0x1.5555555555555p-3, 0x1.5555555555555p-57},
    {0x1.5555555555555p-5, 0x1.5555555555555p-59},
    {0x1.1111111111111p-7, 0x1.1111111111111p-63},
    {0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65},
    {0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73},
    {0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76},
    {0x1.71de3a556c734p-19, -0x1.c154f8ddc6c00p-73},
    {0x1.27e4fb7789f5cp-22, 0x1.cbbc05b4fa99ap-76},
    {0x1.ae64567f544e4p-26, -0x1.c062e06d1f209p-80},
};

/* ln 2 in three parts of 30 bits, each exact times a 22-bit integer, and the rest */
#define LN2_FINE0 0x1.62e42ff000000p-1
#define LN2_FINE1 -0x1.718432a000000p-35
#define LN2_FINE2 -0x1.b0e2634000000p-67
#define LN2_FINE3 0x1.f97b57a079a19p-103

#endif
