#pragma once

#include "ui/keyedit.h"
#include "ui/lab/poolpage.h"

#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>

#include <optional>

namespace lockscope::test {

inline const LockKey five = LockKey::bigint(5);
inline const QString warning = QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock");

inline LabServer sandbox()
{
    return {.connected = true, .sandbox = true, .title = QStringLiteral("Sandbox"), .versionNumber = 150018};
}

/// Pids count from 490.
inline PoolState readyPool(int size, LockServiceForm form = LockServiceForm::Naive)
{
    PoolState state;
    state.phase = PoolState::Phase::Ready;
    state.spec.size = size;
    state.spec.form = form;
    for (int number = 1; number <= size; ++number)
        state.slotList.append({.number = number, .phase = SlotPhase::Free, .backendPid = 489 + number});
    return state;
}

inline PoolCall callOn(int slot, PoolAction action, PoolAnswer answer,
                       const QString& request = QStringLiteral("request 1"))
{
    PoolCall call;
    call.number = 1;
    call.request = request;
    call.action = action;
    call.key = five;
    call.slot = slot;
    call.backendPid = slot == 0 ? 0 : 489 + slot;
    call.answer = answer;
    if (slot != 0)
        call.statements = {action == PoolAction::Acquire ? QStringLiteral("SELECT pg_catalog.pg_try_advisory_lock(5)")
                                                         : QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(5)")};
    if (action == PoolAction::Release && answer == PoolAnswer::False) {
        call.notices = {warning};
        call.hit = false;
    }
    return call;
}

/// The page on a sandbox, with what tests press and read.
struct PoolBench
{
    PoolPage page;

    explicit PoolBench(const std::optional<PoolState>& state = {})
    {
        page.resize(1000, 620);
        page.setServer(sandbox());
        page.findChild<KeyEdit*>()->setKey(five);
        if (state)
            page.setState(*state);
        page.show();
    }
    template <typename Widget>
    Widget* child(const char* name) const
    {
        auto* const found = page.findChild<Widget*>(QString::fromLatin1(name));
        Q_ASSERT(found != nullptr);
        return found;
    }
    QPushButton* button(const char* name) const { return child<QPushButton>(name); }
    QString sentence() const { return child<QLabel>("poolSentence")->text(); }
    QString warning() const { return child<QPlainTextEdit>("poolWarning")->toPlainText(); }
    QString picture() const { return child<QWidget>("poolPicture")->accessibleDescription(); }
    void choose(const char* name, int index) const { child<QComboBox>(name)->setCurrentIndex(index); }
    bool isEmptyShown() const { return child<QWidget>("poolEmptyState")->isVisible(); }
};

inline QString callText(const QList<QVariant>& arguments)
{
    return QStringLiteral("%1: %2").arg(arguments.at(0).toString(), arguments.at(1).value<LockKey>().toString());
}

inline QString callTexts(const QSignalSpy& spy)
{
    QStringList texts;
    for (const auto& arguments : spy)
        texts.append(callText(arguments));
    return texts.join(QStringLiteral("; "));
}

} // namespace lockscope::test
