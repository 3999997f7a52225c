// SPDX-License-Identifier: MIT

/// How much a camera lifts the dark parts of a picture (dynamic range compression).
public enum DRCStrength: String, Hashable, Sendable, CaseIterable {
    /// Not at all.
    case off
    /// Little.
    case low
    /// Some.
    case medium
    /// Much; of a camera that only knows on and off, on.
    case high
}
