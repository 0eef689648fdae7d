// The real command, as a shell runs it: exit statuses, and what goes to which stream.

#include "tools/client/scripted_server.hpp"
#include "tools/written.hpp"
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace penstock::command {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Ended {
  int status;
  std::string out;
  std::string err;
};

class Binary : public testing::Test {
 protected:
  /// Runs `script` in a shell in which $P is the command and $D the test's folder.
  Ended shell(const std::string& script) {
    const std::string file = folder_.write("script", script);
    const std::string dir = file.substr(0, file.rfind('/'));
    const std::string line = "env -u PENSTOCK_CONFIG S=hush P='" PENSTOCK_COMMAND "' D='" + dir + "' sh '" + file +
                             "' >'" + dir + "/out' 2>'" + dir + "/err' </dev/null";
    const int status = std::system(line.c_str());  // NOLINT(cert-env33-c,concurrency-mt-unsafe): a shell is the point.
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(dir + "/out"), read(dir + "/err")};
  }

  static std::string read(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
  }

  std::string write_config() {
    return folder_.write(
        "p.yaml",
        "listen: 127.0.0.1:" + std::to_string(client::free_port()) +
            "\nadmin: { listen: 127.0.0.1:" + std::to_string(client::free_port()) +
            " }\njournal: off\ndrain: 20s\nsources: { gitlab: { preset: gitlab, secrets: [ \"${env:S}\" ] } }\n");
  }

  /// A script that starts serve, waits until it is ready, and does `then`.
  static std::string serving(const std::string& then) {
    return "rm -f $D/log\n"  // An earlier run's log says that it was ready.
           "$P serve -c $D/p.yaml 2>$D/log & pid=$!\n"
           "trap 'kill -9 $pid 2>/dev/null' EXIT\n"  // However the script ends, the daemon ends with it.
           "for i in $(seq 300); do grep -qs msg=ready $D/log && break; kill -0 $pid || { cat $D/log; exit 99; }; "
           "sleep "
           "0.1; done\n" +
           then;
  }

  Folder folder_;
};

TEST_F(Binary, DataGoesToStdoutAndAllElseToStderr) {
  const Ended version = shell("$P version");
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, StartsWith("penstock 0."));
  EXPECT_EQ(version.err, "");
  const Ended wrong = shell("$P sub");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_EQ(wrong.out, "");
  EXPECT_EQ(wrong.err, "penstock: 'sub' is not built yet\n");
}

TEST_F(Binary, CheckEndsWith0Or78) {
  (void)write_config();
  EXPECT_EQ(shell("$P check $D/p.yaml").status, 0);
  EXPECT_EQ(shell("PENSTOCK_CONFIG=$D/p.yaml $P check").status, 0);
  EXPECT_EQ(shell("unset S; $P check $D/p.yaml").status, 78);
  EXPECT_EQ(shell("unset S; $P check $D/p.yaml --no-environment").status, 0);
  EXPECT_EQ(shell("$P check $D/missing.yaml").status, 78);
  EXPECT_EQ(shell("$P check $D/p.yaml > /dev/full").status, 1) << "what cannot be written is not done";
}

TEST_F(Binary, SendAndTailEndWith69WithoutABroker) {
  (void)write_config();
  EXPECT_EQ(shell("echo '{}' | $P send gitlab - -c $D/p.yaml").status, 69);
  EXPECT_EQ(shell("$P tail '>' -c $D/p.yaml").status, 69);
}

TEST_F(Binary, ServeTakesADeliveryDrainsOnASignalAndEndsWith0) {
  (void)write_config();
  for (const char* signal : {"TERM", "INT"}) {
    // A shell starts what is in the background with SIGINT ignored: the daemon must listen all the same.
    const Ended ended =
        shell(serving("echo '{\"event_name\":\"push\"}' | $P send gitlab - -c $D/p.yaml || exit 98\n"
                      "kill -" +
                      std::string{signal} + " $pid; wait $pid; status=$?; cat $D/log >&2; exit $status"));
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_THAT(ended.out, StartsWith("200 {\"status\":\"accepted\""));
    EXPECT_THAT(ended.err, HasSubstr(std::string{"msg=draining signal=SIG"} + signal));
    EXPECT_THAT(ended.err, HasSubstr("everything accepted was delivered"));
  }
}

TEST_F(Binary, TailEndsWithTheSignalsNumber) {
  (void)write_config();
  const Ended ended =
      shell(serving("$P tail '>' -c $D/p.yaml & tail=$!; sleep 0.5; kill -TERM $tail; wait $tail; status=$?\n"
                    "kill $pid; wait $pid; exit $status"));
  EXPECT_EQ(ended.status, 143) << ended.err;
}

}  // namespace
}  // namespace penstock::command
