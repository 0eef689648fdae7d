// What a shared engine shows: everything else stays inside (-fvisibility=hidden). A static one needs no marks.
//
//     class PENSTOCK_EXPORT Broker { ... };
//
// PENSTOCK_SHARED comes with the target penstock::engine and with pkg-config's flags, where the library is a shared
// one.

#pragma once

#if defined(PENSTOCK_SHARED) && defined(__GNUC__)
#define PENSTOCK_EXPORT __attribute__((visibility("default")))
#else
#define PENSTOCK_EXPORT
#endif
