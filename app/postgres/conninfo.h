#pragma once

#include "models/domain/connectionprofile.h"
#include "models/domain/result.h"

#include <QList>
#include <QString>

#include <chrono>
#include <optional>
#include <utility>

namespace lockscope {

/// Everything needed to open one connection: libpq keywords and values, already checked against the whitelist.
/// A value, usable on any thread. Never printed, logged or saved as a whole, because it may hold a password; never
/// connects.
class Conninfo
{
public:
    /// Reads a URI or a key=value string as libpq does (PQconninfoParse); an empty text means the PG* environment.
    /// Unknown keywords, keywords outside the whitelist, NUL and newlines are errors that name the offender but never a
    /// value. A text that may hold a password is not quoted at all: an unquoted blank in a password makes its rest look
    /// like a keyword.
    [[nodiscard]] static Result<Conninfo> parse(const QString& text);

    Conninfo() = default;
    [[nodiscard]] QString value(const QString& keyword) const;
    /// Sets or, with an empty value, removes. Asserts that the keyword is on the whitelist.
    void set(const QString& keyword, const QString& value);
    [[nodiscard]] Conninfo with(const QString& keyword, const QString& value) const;
    [[nodiscard]] const QList<std::pair<QString, QString>>& parameters() const { return m_parameters; }

    /// The same without password and sslpassword, quoted so that parse() reads it back: for profiles.
    [[nodiscard]] QString toTextWithoutSecrets() const;
    /// For QSqlDatabase::setConnectOptions: everything but host, port, dbname, user, password; quoted. Refuses what
    /// QPSQL would break: it turns every ';' into a blank, even inside quotes, and a NUL ends the text. A port *list*
    /// is part of the answer, because QSqlDatabase::setPort takes one number; options come last, so it wins.
    [[nodiscard]] Result<QString> toConnectOptions() const;
    /// What will be used, with libpq's defaults (environment, service file) filled in. Reads files, sends nothing.
    [[nodiscard]] ConnectionSummary summary() const;
    /// Like value(), with libpq's defaults (environment, service file, built-in) filled in; empty where there is none.
    [[nodiscard]] QString resolvedValue(const QString& keyword) const;

    friend bool operator==(const Conninfo&, const Conninfo&) = default;

private:
    QList<std::pair<QString, QString>> m_parameters;
};

/// Deadlines of one connection, sent as connection parameters and session settings.
struct ConnectionLimits
{
    std::chrono::seconds connectTimeout{5};
    std::chrono::milliseconds tcpUserTimeout{8000};
    std::chrono::seconds keepalivesIdle{5};
    std::chrono::seconds keepalivesInterval{2};
    int keepalivesCount = 3;
};

/// conninfo with application_name, keepalives and deadlines filled in where neither it nor the environment nor the
/// service file says otherwise (application_name: where conninfo does not). client_encoding is always UTF8: answers are
/// read as such. gssencmode becomes disable unless asked for: with libpq's default, prefer, a ticket in the credential
/// cache costs one more connection per login, and a login that is refused over GSSAPI is tried a second time without
/// it.
[[nodiscard]] Conninfo withDefaults(const Conninfo& conninfo, const QString& applicationName,
                                    const ConnectionLimits& limits = {});

/// How long one attempt to open may take: connect_timeout as conninfo, environment or service file have it, else the
/// default. libpq's rules: at least two seconds; 0 or less means "no limit", which is an hour here.
[[nodiscard]] std::chrono::milliseconds openTimeout(const Conninfo& conninfo, const ConnectionLimits& limits = {});

} // namespace lockscope
