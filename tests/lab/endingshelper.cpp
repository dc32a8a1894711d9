// A console in small, made to be killed: reads a connection string from stdin, starts every way to die, says so once
// all are under way, and waits.

#include "app/lab/endings/endingtrials.h"

#include <QCoreApplication>

#include <cstdio>
#include <iostream>
#include <string>

using namespace lockscope;
using namespace std::chrono_literals;

int main(int argumentCount, char** arguments)
{
    const QCoreApplication application(argumentCount, arguments);
    qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
    std::string line;
    std::getline(std::cin, line);
    const Result<Conninfo> conninfo = Conninfo::parse(QString::fromStdString(line));
    std::string version;
    std::getline(std::cin, version);
    if (!conninfo)
        return 2;
    EndingTrials trials(*conninfo, {.connected = true, .versionNumber = std::stoi(version)});
    int running = 0;
    QObject::connect(&trials, &EndingTrials::stateChanged, &trials, [&](const EndingState& state) {
        // The last to come are those that are held for long.
        if (state.phase == EndingPhase::Running &&
            (state.kind == EndingKind::Frozen || state.kind == EndingKind::KilledWaiting ||
             state.kind == EndingKind::CableCutQuiet) &&
            !state.backendGone && ++running >= 3) {
            std::printf("running\n");
            std::fflush(stdout);
        }
    });
    // The pool and the pooler have tests of their own for this.
    for (const EndingKind kind : {EndingKind::KilledRunning, EndingKind::KilledWaiting, EndingKind::Frozen,
                                  EndingKind::CableCutQuiet, EndingKind::CableCutBusy})
        trials.run(kind, {.statementLength = 4s, .watchTime = 60s});
    return QCoreApplication::exec();
}
