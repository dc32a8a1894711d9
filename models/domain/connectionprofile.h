#pragma once

#include <QList>
#include <QString>

namespace lockscope {

/// A saved way to connect. conninfo is a URI or key=value string that never contains a password.
struct ConnectionProfile
{
    QString name = {};
    QString conninfo = {};
    friend bool operator==(const ConnectionProfile&, const ConnectionProfile&) = default;
};

/// What a connection string says, for showing before anything is sent.
struct ConnectionSummary
{
    QString host = {}; ///< "db1.example, db2.example", a socket directory, or "local socket"
    QString port = {};
    QString database = {};
    QString user = {};
    QString service = {};
    QString sslMode = {};     ///< as it will be used
    bool hasPassword = false; ///< the string carries one: it will be used and not saved
    friend bool operator==(const ConnectionSummary&, const ConnectionSummary&) = default;
};

} // namespace lockscope
