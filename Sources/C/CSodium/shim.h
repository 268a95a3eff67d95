#ifndef LOGE_CSODIUM_SHIM_H
#define LOGE_CSODIUM_SHIM_H

#include <sodium.h>

#endif
