// SPDX-License-Identifier: MIT

/// Takes one compressed picture: `jpeg`.
open class CookedOneImageEncoder: OneImageEncoder, @unchecked Sendable {}
