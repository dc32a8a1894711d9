// A console in small, made to be killed: reads a connection string from stdin, starts a simulated client that holds key
// 77, prints the client's process id and backend pid, and waits.

#include "app/lab/simulatedclient.h"

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
    SimulatedClient client(ClientId{1}, QStringLiteral("pod-a"), *conninfo);
    QObject::connect(&client, &SimulatedClient::finished, &client,
                     [](const ClientState& state, const Outcome& outcome) {
                         if (outcome.kind != OutcomeKind::Acquired)
                             return;
                         std::printf("%lld %d\n", state.processId, state.backendPid);
                         std::fflush(stdout);
                     });
    client.start();
    client.acquire(LockKey::bigint(77), {});
    return QCoreApplication::exec();
}
