#include "app/platform/platform.h"

#include <csignal>

namespace lockscope::platform {

void ignoreBrokenPipesOnThisThread()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

} // namespace lockscope::platform
