// What a sub-command wrote, and files for it to read.
//
//     Written written;
//     EXPECT_EQ(run_version({}, written.output()), kDone);
//     EXPECT_EQ(written.out(), "penstock 0.1.0 (…)\n");

#pragma once

#include "output.hpp"
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace penstock::command {

class Written {
 public:
  [[nodiscard]] Output output() { return {out_, err_}; }
  [[nodiscard]] std::string out() const { return out_.str(); }
  [[nodiscard]] std::string err() const { return err_.str(); }

 private:
  std::ostringstream out_;
  std::ostringstream err_;
};

/// A folder that ends with the test.
class Folder {
 public:
  Folder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string{test->test_suite_name()} + '.' + test->name();
    std::replace(name.begin(), name.end(), '/', '_');
    path_ = std::filesystem::path{testing::TempDir()} / ("penstock." + name);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace penstock::command
