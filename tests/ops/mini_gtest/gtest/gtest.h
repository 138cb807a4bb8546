#pragma once

/// The part of GoogleTest that the tests of ops use, for machines with a GPU that have none.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace testing {

class Test {
 public:
  virtual ~Test() = default;
  virtual void SetUp() {}
  virtual void TestBody() = 0;
};

/// Named Suite.Test, or Prefix/Suite.Test/Parameter.
struct NamedTest {
  std::string name;
  std::function<std::unique_ptr<Test>()> make;
};
std::vector<NamedTest>& all_tests();

template <class T>
struct TestParamInfo {
  T param;
  std::size_t index;
};

template <class T>
class TestWithParam : public Test {
 public:
  using ParamType = T;
  const T& GetParam() const { return param_; }
  void set_param(const T& param) { param_ = param; }

 private:
  T param_{};
};

template <class T, class... Rest>
std::vector<T> Values(const T& first, const Rest&... rest) {
  return {first, rest...};
}

/// A test of a suite with parameters, waiting for them.
template <class Suite>
struct ParamTest {
  std::string name;
  std::function<std::unique_ptr<Suite>()> make;
};
template <class Suite>
std::vector<ParamTest<Suite>>& param_tests() {
  static std::vector<ParamTest<Suite>> tests;
  return tests;
}

template <class TestClass>
bool add_test(const std::string& name) {
  all_tests().push_back({name, [] { return std::make_unique<TestClass>(); }});
  return true;
}

template <class Suite, class TestClass>
bool add_param_test(const std::string& name) {
  param_tests<Suite>().push_back({name, [] { return std::make_unique<TestClass>(); }});
  return true;
}

template <class Suite, class Namer>
bool instantiate(const std::string& prefix, const std::vector<typename Suite::ParamType>& params,
                 Namer namer) {
  for (const auto& test : param_tests<Suite>()) {
    for (std::size_t i = 0; i < params.size(); ++i) {
      const TestParamInfo<typename Suite::ParamType> info{params[i], i};
      all_tests().push_back({prefix + "/" + test.name + "/" + namer(info), [test, info] {
                               auto made = test.make();
                               made->set_param(info.param);
                               return std::unique_ptr<Test>(std::move(made));
                             }});
    }
  }
  return true;
}

class Message {
 public:
  template <class T>
  Message& operator<<(const T& part) {
    out_ << part;
    return *this;
  }
  std::string str() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

/// `Outcome(kind, file, line, text) = Message() << more` is noted of the running test.
class Outcome {
 public:
  enum Kind { kFailed, kSkipped };
  Outcome(Kind kind, const char* file, int line, std::string text)
      : kind_(kind), file_(file), line_(line), text_(std::move(text)) {}
  void operator=(const Message& message) const;

 private:
  Kind kind_;
  const char* file_;
  int line_;
  std::string text_;
};

template <class T>
void print(std::ostream& out, const T& value) {
  // Ranges first: libtorch says it prints vectors of anything, and does not.
  if constexpr (requires { value.begin() != value.end(); } &&
                !std::is_convertible_v<T, std::string_view>) {
    for (const auto& element : value) {
      print(out, element);
      out << ' ';
    }
  } else if constexpr (requires { out << value; }) {
    out << value;
  } else {
    out << "(a value)";
  }
}

/// "" or what is wrong.
template <class A, class B>
std::string complaint(bool holds, const char* text, const A& a, const B& b) {
  if (holds) return "";
  std::ostringstream out;
  out << text << "\n  left:  ";
  print(out, a);
  out << "\n  right: ";
  print(out, b);
  return out.str();
}

/// At most four floats apart.
inline bool almost_equal(float a, float b) {
  if (a == b) return true;
  std::int32_t bits_a, bits_b;
  std::memcpy(&bits_a, &a, sizeof a);
  std::memcpy(&bits_b, &b, sizeof b);
  return (bits_a < 0) == (bits_b < 0) && std::abs(bits_a - bits_b) <= 4;
}

template <class Exception, class Call>
std::string not_thrown(Call call, const char* text) {
  try {
    call();
  } catch (const Exception&) {
    return "";
  }
  return std::string("not thrown by ") + text;
}

}  // namespace testing

#define MINI_OUTCOME(kind, text) \
  testing::Outcome(testing::Outcome::kind, __FILE__, __LINE__, text) = testing::Message()
#define MINI_CHECK(on_failure, wrong)                             \
  if (const std::string mini_wrong = wrong; mini_wrong.empty()) { \
  } else                                                          \
    on_failure MINI_OUTCOME(kFailed, mini_wrong)
#define MINI_COMPARED(a, op, b)                                                     \
  [&](const auto& mini_a, const auto& mini_b) {                                     \
    return testing::complaint(mini_a op mini_b, #a " " #op " " #b, mini_a, mini_b); \
  }(a, b)

#define EXPECT_EQ(a, b) MINI_CHECK(, MINI_COMPARED(a, ==, b))
#define ASSERT_EQ(a, b) MINI_CHECK(return, MINI_COMPARED(a, ==, b))
#define EXPECT_GE(a, b) MINI_CHECK(, MINI_COMPARED(a, >=, b))
#define EXPECT_TRUE(a) MINI_CHECK(, (a) ? std::string() : std::string("not true: " #a))
#define EXPECT_NEAR(a, b, most) \
  MINI_CHECK(, testing::complaint(std::abs((a) - (b)) <= (most), #a " near " #b, a, b))
#define EXPECT_FLOAT_EQ(a, b) \
  MINI_CHECK(, testing::complaint(testing::almost_equal(a, b), #a " near " #b, a, b))
#define EXPECT_THROW(call, exception) \
  MINI_CHECK(, testing::not_thrown<exception>([&] { call; }, #call))
#define EXPECT_THAT(value, matcher) MINI_CHECK(, (matcher)(value))
#define FAIL() return MINI_OUTCOME(kFailed, "failed")
#define GTEST_SKIP() return MINI_OUTCOME(kSkipped, "skipped")

#define MINI_CLASS(suite, name, parent)         \
  class suite##_##name##_Test : public parent { \
    void TestBody() override;                   \
  }
#define TEST(suite, name)                                         \
  MINI_CLASS(suite, name, testing::Test);                         \
  static const bool suite##_##name##_added =                      \
      testing::add_test<suite##_##name##_Test>(#suite "." #name); \
  void suite##_##name##_Test::TestBody()
#define TEST_P(suite, name)                                                    \
  MINI_CLASS(suite, name, suite);                                              \
  static const bool suite##_##name##_added =                                   \
      testing::add_param_test<suite, suite##_##name##_Test>(#suite "." #name); \
  void suite##_##name##_Test::TestBody()
#define INSTANTIATE_TEST_SUITE_P(prefix, suite, values, namer) \
  static const bool prefix##_##suite##_added = testing::instantiate<suite>(#prefix, values, namer)
