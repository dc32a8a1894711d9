#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace lockscope {

/// Runs since a login was begun, to tell whether the backend that answers was there before: a server starts a backend
/// for each connection, so an older one was lent by a pooler. Any one thread. Never says so when it could be otherwise.
class LoginClock
{
public:
    void restart() { *this = LoginClock(); }

    /// Whether a backend of this age, by the server's own clock, was there before the login was begun. To be asked
    /// right after the login; later calls repeat the first answer, because clocks drift apart and are set.
    [[nodiscard]] bool isOlder(std::chrono::microseconds backendAge)
    {
        using std::chrono::duration_cast;
        using std::chrono::microseconds;
        // The server's clock may be set forward between the two readings that its age comes from.
        constexpr std::chrono::seconds margin{2};
        // The steady clock stands still while this machine sleeps, and the other one may be set back.
        const auto steady = duration_cast<microseconds>(std::chrono::steady_clock::now() - m_steady);
        const auto system = duration_cast<microseconds>(std::chrono::system_clock::now() - m_system);
        if (!m_answer)
            m_answer = backendAge > std::max(steady, system) + margin;
        return *m_answer;
    }

private:
    std::chrono::steady_clock::time_point m_steady = std::chrono::steady_clock::now();
    std::chrono::system_clock::time_point m_system = std::chrono::system_clock::now();
    std::optional<bool> m_answer;
};

} // namespace lockscope
