#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

namespace lockscope {

/// Bytes of the server as text, in an encoding by PostgreSQL's name ("LATIN1", as pg_encoding_to_char() spells it).
/// UTF8, SQL_ASCII (which says nothing about the bytes) and names not known here are read as UTF-8; bytes that are none
/// become U+FFFD. Pure; any thread.
[[nodiscard]] QString serverText(QByteArrayView bytes, const QString& encoding);

/// Text of a shared catalog, where each database writes in its own encoding and none is recorded: as UTF-8 where the
/// bytes are that, else in the encoding of the database that was asked.
[[nodiscard]] QString sharedText(QByteArrayView bytes, const QString& encodingHere);

/// What stands before a statement whose answer carries such bytes: nothing where the server would send them as they are
/// anyway, as a UTF8 server does to a UTF8 client, else text_as_it_is.sql. It counts for this one message, so it may go
/// through a pooler.
[[nodiscard]] QByteArray textAsItIs(const QString& serverEncoding);

} // namespace lockscope
