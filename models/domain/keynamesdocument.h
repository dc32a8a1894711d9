#pragma once

#include "models/domain/keydictionary.h"
#include "models/domain/labelquery.h"

namespace lockscope {

/// What a person has written down about keys: the content of key-names.json, and of files to share with others.
struct KeyNamesDocument
{
    static constexpr qsizetype maximumLabels = 20'000;
    static constexpr qsizetype maximumQueries = 100;
    static constexpr qsizetype maximumBytes = 16 * 1024 * 1024;

    QList<KeyLabel> labels = {};
    QList<LabelQuery> queries = {};

    /// Strict: an unknown member, a wrong type or a number out of range is an error that names the entry; text that is
    /// no JSON is one that names the line. Nothing is taken from a file with an error. Pure.
    [[nodiscard]] static Result<KeyNamesDocument> fromJson(const QByteArray& json);
    /// {"version": 1, "labels": [{"key": "5" | "first": "1", "last": "9" | "classid": 7, "database", "text"}],
    ///  "queries": [{"id", "host", "port", "database", "timeoutMilliseconds", "sql"}]}. A bigint is a decimal string,
    /// because JSON numbers are doubles for most readers.
    [[nodiscard]] QByteArray toJson() const;

    friend bool operator==(const KeyNamesDocument&, const KeyNamesDocument&) = default;
};

} // namespace lockscope
