#ifndef LOGE_CZIP_SHIM_H
#define LOGE_CZIP_SHIM_H

#include <zip.h>

#endif
