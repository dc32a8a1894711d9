// A console in small, made to be killed: reads a connection string from stdin, starts a private PgBouncer in front of
// that server in the mode that the first argument says, prints its process id and its directory, and waits.

#include "app/lab/pooler/pgbouncer.h"

#include <QCoreApplication>

#include <cstdio>
#include <iostream>
#include <string>

using namespace lockscope;

int main(int argumentCount, char** arguments)
{
    const QCoreApplication application(argumentCount, arguments);
    std::string line;
    std::getline(std::cin, line);
    const Result<Conninfo> server = Conninfo::parse(QString::fromStdString(line));
    if (!server)
        return 2;
    PoolerSpec spec;
    for (const auto mode : {PoolerMode::Session, PoolerMode::Transaction, PoolerMode::Statement}) {
        if (QCoreApplication::arguments().value(1) == word(mode))
            spec.mode = mode;
    }
    PgBouncer pooler(*server, spec);
    QObject::connect(&pooler, &PgBouncer::started, &pooler, [&pooler] {
        std::printf("%lld %s\n", pooler.processId(), qPrintable(pooler.directory()));
        std::fflush(stdout);
    });
    QObject::connect(&pooler, &PgBouncer::failed, &pooler, [](const Error& error) {
        std::printf("%s %s\n", qPrintable(error.what), qPrintable(error.serverWords));
        QCoreApplication::exit(1);
    });
    pooler.start();
    return QCoreApplication::exec();
}
