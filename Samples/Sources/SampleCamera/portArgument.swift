// SPDX-License-Identifier: MIT

/// The port that the second argument names, for samples that serve; nil without one.
public func portArgument() -> Int? {
    CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) }
}
