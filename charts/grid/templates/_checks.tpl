{{/* Refuses combinations of values that the schema cannot check. */}}
{{- define "grid.checks" -}}
{{- if not .Values.dev.enabled -}}
{{- $trial := "or try the grid out with dev.enabled=true" -}}
{{- $_ := required (printf "redis: give existingSecret or connectionString, %s" $trial) (or .Values.redis.existingSecret .Values.redis.connectionString) -}}
{{- $_ := required (printf "postgres: give existingSecret or connectionStrings, %s" $trial) (or .Values.postgres.existingSecret (join "" .Values.postgres.connectionStrings)) -}}
{{- $ways := list -}}
{{- if .Values.tls.existingSecret }}{{ $ways = append $ways "existingSecret" }}{{ end -}}
{{- if .Values.tls.certManager.enabled }}{{ $ways = append $ways "certManager" }}{{ end -}}
{{- if .Values.tls.plainText }}{{ $ways = append $ways "plainText" }}{{ end -}}
{{- $_ := required "tls: choose one of existingSecret, certManager.enabled and plainText; silos and gateways talk to each other by TLS, or in plain text because you say so" (ternary "one" "" (eq (len $ways) 1)) -}}
{{- $_ := required "keys.existingSecret: name the Secret that holds ring.json; charts/grid/README.md says how to make one" .Values.keys.existingSecret -}}
{{- end -}}
{{- range $tier := list "silo" "gateway" -}}
{{- $values := index $.Values $tier -}}
{{- with $values.autoscaling -}}
{{- if and .enabled (lt (int .maxReplicas) (int .minReplicas)) -}}
{{- fail (printf "%s.autoscaling: maxReplicas is below minReplicas" $tier) -}}
{{- end -}}
{{- if and .enabled (not .cpuPercent) (not .inFlight.enabled) -}}
{{- fail (printf "%s.autoscaling: nothing to scale by; give cpuPercent, or enable inFlight" $tier) -}}
{{- end -}}
{{- if and .enabled .cpuPercent (not (dig "requests" "cpu" "" $values.resources)) -}}
{{- fail (printf "%s.autoscaling: cpuPercent is a share of resources.requests.cpu, which is not given" $tier) -}}
{{- end -}}
{{- end -}}
{{- $fewest := $values.replicas -}}
{{- if $values.autoscaling.enabled }}{{ $fewest = $values.autoscaling.minReplicas }}{{ end -}}
{{- with $values.disruption -}}
{{- if and .enabled (not (kindIs "string" .maxUnavailable)) (ge (int .maxUnavailable) (int $fewest)) -}}
{{- fail (printf "%s.disruption: maxUnavailable must leave some of the %d; give less, or disable it" $tier (int $fewest)) -}}
{{- end -}}
{{- if and .enabled (le (int $fewest) 1) -}}
{{- fail (printf "%s.disruption: maxUnavailable must leave some of the 1; disable it for a single one" $tier) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts: name at least one host" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.tlsSecret) (not .Values.ingress.allowPlainHttp) -}}
{{- fail "ingress.tlsSecret: name a TLS Secret; tokens and codes would travel in the clear. Where TLS ends before the ingress, set ingress.allowPlainHttp=true" -}}
{{- end -}}
{{- if and .Values.ingress.tlsSecret .Values.ingress.allowPlainHttp -}}
{{- fail "ingress: tlsSecret and allowPlainHttp are both given; choose one" -}}
{{- end -}}
{{- end -}}
