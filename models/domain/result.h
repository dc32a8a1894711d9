#pragma once

#include <QString>

#include <tl/expected.hpp>

#include <utility>

namespace lockscope {

/// What kind of trouble an Error is; decides the icon and whether trying again can help.
enum class ErrorKind
{
    Usage,          ///< the person's input; nothing was sent
    Connection,     ///< no server was reached, or the link broke
    Authentication, ///< the server refused who we are: never retried by itself
    Server,         ///< the server answered with an error
    Internal,       ///< a file, a process or a promise of our own
};

/// An error as a value: what happened, what to do, and the server's own words apart from ours.
/// serverWords is hostile text: show it as plain text only.
struct Error
{
    ErrorKind kind = ErrorKind::Internal;
    QString what = {};        ///< one sentence: what happened and what it means for the locks
    QString advice = {};      ///< what to do next; empty when there is nothing to do
    QString serverWords = {}; ///< the server's message as it came; empty when there was none
    QString sqlState = {};    ///< five characters, or empty when the server gave none

    friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> failure(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

[[nodiscard]] inline tl::unexpected<Error> usageError(QString what, QString advice = {})
{
    return failure({.kind = ErrorKind::Usage, .what = std::move(what), .advice = std::move(advice)});
}

} // namespace lockscope
