#pragma once

#include "models/domain/result.h"

struct pg_conn;
struct pg_result;

namespace lockscope {

/// Errors of PostgreSQL in a person's words. The one table from SQLSTATE to "what happened" and "what to do".
/// Pure functions over libpq's own objects; usable on any thread that owns the object. Never hide the server's own
/// words.

/// From a refused or failed login. Recognises a wrong password, an unknown database or role, no listener, too many
/// clients, a server that is starting or recovering, TLS refused or not verified, a name that does not resolve, a
/// timeout. Kind Authentication for what trying again cannot change (password, pg_hba.conf, database, role), Server for
/// other answers of the server, Connection where none came. The connection must have had verbosity PQERRORS_VERBOSE,
/// else no SQLSTATE is known.
[[nodiscard]] Error loginError(const pg_conn* connection);
/// The SQLSTATE of the last server error in a verbose message of libpq; empty without one.
[[nodiscard]] QString sqlStateIn(const QString& verboseMessage);
/// From a statement: SQLSTATE, primary message, detail and hint, each on its own line of serverWords.
/// Kind Connection where the error ends the session.
[[nodiscard]] Error statementError(const pg_result* result);
/// From an SQLSTATE and words that came another way (QSqlError).
[[nodiscard]] Error serverError(const QString& sqlState, const QString& serverWords);
/// Whether this SQLSTATE says that the server has ended the session (57P01, 57P02, 57P05, 25P03, 25P04...).
[[nodiscard]] bool endsSession(const QString& sqlState);
/// Whether the same login may succeed later without anybody doing something about it here: no for a refused password,
/// database or role, for TLS that cannot be agreed on or verified, for an unusable connection string.
[[nodiscard]] bool isWorthRetrying(const Error& error);

} // namespace lockscope
