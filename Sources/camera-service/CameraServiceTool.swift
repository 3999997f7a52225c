// SPDX-License-Identifier: MIT

internal import CameraService

/// The `camera-service` program: what `camera serve CONFIG.yaml` becomes.
@main
struct CameraServiceTool {
    static func main() { ServiceCommand.runAsProgram() }
}
