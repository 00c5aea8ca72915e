import { platformAlerts, type AlertScope } from "../../documents/alerts";
import { sensitiveCallAlert, type Alert } from "../../documents/events";
import { place } from "./events";

const findings: AlertScope["findings"] = {
  scope: "account",
  minimumSeverity: "HIGH",
  scanComplete: true,
  scanFailures: true,
  registryFailures: true,
  pushes: true,
  deletes: true,
};

/** Every alert to the platform's topic, with each switch on and by either scan type. */
export function everyAlert(): Alert[] {
  const alerts = (["enhanced", "basic"] as const).flatMap((scanType) =>
    platformAlerts({ place, environment: "prod", scanType, caches: true, findings }),
  );
  return [
    ...new Map([...alerts, sensitiveCallAlert(place, [])].map((alert) => [alert.name, alert])).values(),
  ];
}
