// A console in small, made to be killed: reads a connection string from stdin, starts a pod that syncs key 77, prints
// the pod's process id and the backend pid of its connection, and waits.

#include "app/lab/pods/pod.h"

#include <QCoreApplication>

#include <cstdio>
#include <iostream>
#include <string>

using namespace lockscope;

int main(int argumentCount, char** arguments)
{
    const QCoreApplication application(argumentCount, arguments);
    qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
    std::string line;
    std::getline(std::cin, line);
    const Result<Conninfo> conninfo = Conninfo::parse(QString::fromStdString(line));
    if (!conninfo)
        return 2;
    Pod pod(QStringLiteral("pod-a"), *conninfo, 1, nullptr);
    bool asked = false;
    QObject::connect(&pod, &Pod::stateChanged, &pod, [&](const PodState& state) {
        if (state.phase == PodPhase::Running && !std::exchange(asked, true))
            pod.sync(LockKey::bigint(77), std::chrono::minutes(10));
    });
    QObject::connect(&pod, &Pod::answered, &pod, [&](const PodAnswer& answer) {
        if (answer.code != 202)
            return;
        std::printf("%lld %d\n", pod.state().processId, pod.state().connections.first().backendPid);
        std::fflush(stdout);
    });
    pod.start();
    return QCoreApplication::exec();
}
