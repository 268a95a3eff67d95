#ifndef LOGE_CXML_SHIM_H
#define LOGE_CXML_SHIM_H

#include <libxml/xmlversion.h>
/* Debian's libxml2 is built with ICU, and its encoding.h would bring ICU's headers, which contradict those of the ICU in
   Swift's Foundation. Only the layout of xmlCharEncodingHandler depends on it, which Swift never touches. */
#undef LIBXML_ICU_ENABLED

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#endif
