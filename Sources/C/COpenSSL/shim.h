#ifndef LOGE_COPENSSL_SHIM_H
#define LOGE_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* OPENSSL_free is a macro. */
static inline void loge_openssl_free(void *pointer) { OPENSSL_free(pointer); }

/* BIO_get_mem_data is a macro. The bytes stay owned by the BIO. */
static inline long loge_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

/* EVP_EC_gen and EVP_RSA_gen are macros over a variadic function. */
static inline EVP_PKEY *loge_generate_p256(void) { return EVP_EC_gen("P-256"); }
static inline EVP_PKEY *loge_generate_rsa(unsigned int bits) { return EVP_RSA_gen(bits); }
static inline EVP_PKEY *loge_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }
static inline EVP_PKEY *loge_generate_x25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "X25519"); }

/* OSSL_PARAM_BLD keeps the pointers to names and texts and reads them later: a Swift string would be gone by then. */
static inline const char *loge_parameter_modulus(void) { return OSSL_PKEY_PARAM_RSA_N; }
static inline const char *loge_parameter_exponent(void) { return OSSL_PKEY_PARAM_RSA_E; }
static inline const char *loge_parameter_group(void) { return OSSL_PKEY_PARAM_GROUP_NAME; }
static inline const char *loge_parameter_point(void) { return OSSL_PKEY_PARAM_PUB_KEY; }
static inline const char *loge_group_p256(void) { return "prime256v1"; }

/* An OSSL_PARAM keeps the pointers to its name and value: built here, on the stack, the secret is not copied. */
static inline int loge_concat_kdf_sha256(EVP_KDF_CTX *context, const unsigned char *secret, size_t secret_length,
                                         const unsigned char *info, size_t info_length, unsigned char *output,
                                         size_t output_length) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA2-256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_length),
        OSSL_PARAM_construct_end(),
    };
    return EVP_KDF_derive(context, output, output_length, parameters);
}

/* EVP_PKEY_PUBLIC_KEY is a macro over other macros with casts. */
static inline int loge_public_key_selection(void) { return EVP_PKEY_PUBLIC_KEY; }

#endif
