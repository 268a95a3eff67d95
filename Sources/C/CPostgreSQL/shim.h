#ifndef LOGE_CPOSTGRESQL_SHIM_H
#define LOGE_CPOSTGRESQL_SHIM_H

#include <libpq-fe.h>

/* The PG_DIAG_… field codes are character constants: Swift does not see them as the int that PQresultErrorField wants. */
static inline const char *loge_postgresql_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
/* The severity as it is in every language of the server. */
static inline const char *loge_postgresql_severity(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
}
static inline const char *loge_postgresql_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
static inline const char *loge_postgresql_table(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_TABLE_NAME);
}
static inline const char *loge_postgresql_column(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
}
static inline const char *loge_postgresql_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

#endif
